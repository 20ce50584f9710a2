/** Events as GitHub sends them, for act; only the fields that a job reads. */

export interface TestEvent {
  readonly event: string;
  readonly sha: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** `github.ref`, if the payload does not contain it. */
  readonly ref?: string;
}

interface Commit {
  /** `owner/name` of the repository that contains the workflow. */
  readonly repository: string;
  readonly sha: string;
}

export function pushOf(ref: `refs/heads/${string}` | `refs/tags/${string}`, commit: Commit): TestEvent {
  return {
    event: 'push',
    sha: commit.sha,
    payload: {
      ref,
      before: '0'.repeat(40),
      after: commit.sha,
      // act uses `after` only if this field is present.
      deleted: false,
      repository: repository(commit.repository),
    },
  };
}

/**
 * `head` is the repository that the pull request comes from: if it is not `commit.repository`, the pull request is from
 * a fork.
 */
export function pullRequestOf(number: number, head: string, commit: Commit): TestEvent {
  const base = repository(commit.repository);
  return {
    event: 'pull_request',
    sha: commit.sha,
    payload: {
      action: 'synchronize',
      number,
      pull_request: {
        number,
        head: { ref: 'feature', sha: commit.sha, repo: { ...repository(head), fork: head !== commit.repository } },
        base: { ref: 'main', sha: commit.sha, repo: base },
      },
      repository: base,
    },
  };
}

/** For the default branch. Its payload describes no repository. */
export function scheduleOf({ sha }: Commit): TestEvent {
  return { event: 'schedule', sha, ref: 'refs/heads/main', payload: { schedule: '0 4 * * *' } };
}

/** For the default branch. */
export function dispatchOf(commit: Commit): TestEvent {
  return {
    event: 'workflow_dispatch',
    sha: commit.sha,
    payload: { inputs: null, ref: 'refs/heads/main', repository: repository(commit.repository) },
  };
}

function repository(name: string) {
  const [owner = '', short = ''] = name.split('/');
  return {
    name: short,
    full_name: name,
    default_branch: 'main',
    owner: { login: owner },
    html_url: `https://github.com/${name}`,
    clone_url: `https://github.com/${name}.git`,
  };
}
