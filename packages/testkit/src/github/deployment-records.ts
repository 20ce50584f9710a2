/**
 * GitHub's deployment records of one organisation, as strict as the original where its rules are known: the published
 * OpenAPI description of REST (`orgs/create-artifact-deployment-record`), and messages that users report.
 * deployment-records.test.ts names the source of each.
 */
import type { IncomingMessage } from 'node:http';
import { answerJson, type Loopback, readBody, serveLoopback } from '../network/loopback.ts';

interface DeploymentRecord {
  readonly id: number;
  readonly digest: string;
  readonly logical_environment: string;
  readonly deployment_name: string;
  readonly physical_environment: string | undefined;
  readonly cluster: string | undefined;
}

export interface DeploymentRecords extends Loopback {
  /** One for each place: a later record of the same place has replaced the earlier one. */
  readonly records: readonly DeploymentRecord[];
  /** Every body that was taken. */
  readonly taken: readonly Readonly<Record<string, string>>[];
}

interface RecordsOptions {
  readonly owner: string;
  /** Only organisations have records. */
  readonly isUser?: boolean;
  /** Repositories of the organisation. */
  readonly repositories: readonly string[];
  /** By token; GitHub knows no other. */
  readonly tokens: Readonly<Record<string, 'write' | 'read'>>;
}

interface Field {
  readonly required?: boolean;
  readonly shortest?: number;
  readonly longest?: number;
  readonly pattern?: RegExp;
  readonly values?: readonly string[];
}

const FIELDS: Readonly<Record<string, Field>> = {
  name: { required: true, shortest: 1, longest: 256 },
  digest: { required: true, pattern: /^sha256:[a-f0-9]{64}$/ },
  version: { shortest: 1, longest: 100 },
  status: { required: true, values: ['deployed', 'decommissioned'] },
  logical_environment: { required: true, shortest: 1, longest: 128 },
  physical_environment: { longest: 128 },
  cluster: { longest: 128 },
  deployment_name: { required: true, longest: 256 },
  github_repository: { shortest: 1, longest: 100, pattern: /^[A-Za-z0-9.\-_]+$/ },
};
/** The same kind of value as in the other fields is not read here: Tidegate sends none of these. */
const OTHER_FIELDS = ['tags', 'runtime_risks', 'return_records'];

type Reply = readonly [status: number, value: unknown];

const say = (status: number, message: string): Reply => [
  status,
  {
    message,
    documentation_url: 'https://docs.github.com/rest/orgs/artifact-metadata#create-an-artifact-deployment-record',
    status: `${status}`,
  },
];

/** On loopback. Its URL, without the trailing slash, is GITHUB_API_URL. */
export async function startDeploymentRecords(options: RecordsOptions): Promise<DeploymentRecords> {
  const records: DeploymentRecord[] = [];
  const taken: Readonly<Record<string, string>>[] = [];
  const server = await serveLoopback(async (request, response, url) => {
    const body = await readBody(request);
    const reply = answer(request, url.pathname, body, options, records);
    if (reply[0] === 200) taken.push(JSON.parse(body.toString()));
    answerJson(response, ...reply);
  });
  return { ...server, records, taken };
}

function answer(
  { headers, method }: IncomingMessage,
  path: string,
  body: Buffer,
  { owner, isUser = false, repositories, tokens }: RecordsOptions,
  records: DeploymentRecord[],
): Reply {
  const token = /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return say(401, 'Requires authentication');
  if (!Object.hasOwn(tokens, token)) return say(401, 'Bad credentials');
  const here = `/orgs/${owner}/artifacts/metadata/deployment-record`;
  if (isUser || method !== 'POST' || path.toLowerCase() !== here.toLowerCase()) return say(404, 'Not Found');
  if (tokens[token] !== 'write') return say(403, 'Resource not accessible by integration');
  const sent = objectIn(body);
  if (sent === undefined) return say(400, 'Problems parsing JSON');
  const why = refusalOf(sent);
  if (why !== undefined) return say(422, `Invalid request.\n\n${why}`);
  const { github_repository: repository } = sent;
  if (repository !== undefined && !repositories.includes(repository)) return say(404, 'Not Found');
  return [200, { total_count: 1, deployment_records: [stored(sent, records)] }];
}

function objectIn(body: Buffer): Readonly<Record<string, string>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

/** @returns what is wrong with the first wrong field */
function refusalOf(sent: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of Object.keys(sent)) {
    if (!Object.hasOwn(FIELDS, name) && !OTHER_FIELDS.includes(name)) return `"${name}" is not a permitted key.`;
  }
  for (const [name, { required = false, shortest = 0, longest = 1000, pattern, values }] of Object.entries(FIELDS)) {
    const value = sent[name];
    if (value === undefined) {
      if (required) return `"${name}" wasn't supplied.`;
      continue;
    }
    if (typeof value !== 'string') return `For 'properties/${name}', ${JSON.stringify(value)} is not a string.`;
    if (value.length < shortest) return `Invalid /${name}: fewer than ${shortest} characters`;
    if (value.length > longest) return `Invalid /${name}: more than ${longest} characters`;
    if (pattern && !pattern.test(value)) return `Invalid /${name}: ${value} does not match ${pattern}`;
    if (values && !values.includes(value)) return `Invalid /${name}: ${value} is not a member of ${values.join(', ')}`;
  }
  return undefined;
}

/** A place is the name in a cluster of an environment. */
function stored(sent: Readonly<Record<string, string>>, records: DeploymentRecord[]): DeploymentRecord {
  const { digest = '', logical_environment = '', deployment_name = '', physical_environment, cluster } = sent;
  const at = records.findIndex(
    (one) =>
      one.logical_environment === logical_environment &&
      one.physical_environment === physical_environment &&
      one.cluster === cluster &&
      one.deployment_name === deployment_name,
  );
  const id = records[at]?.id ?? 1000 + records.length;
  const record = { id, digest, logical_environment, deployment_name, physical_environment, cluster };
  records.splice(at === -1 ? records.length : at, at === -1 ? 0 : 1, record);
  return record;
}
