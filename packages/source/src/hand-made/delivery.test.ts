/** `docker save` and `load`: delivery is an error, and a transfer from one job to the next is reported. */
import { describe, expect, test } from '@jest/globals';
import { findingOf } from '../finding.ts';
import { scanForHandMade } from './scan.ts';

const levels = (file: string, text: string) =>
  scanForHandMade(file, text)
    .flatMap((remark) => findingOf(file, remark) ?? [])
    .filter(({ rule }) => rule === 'image-by-file')
    .map(({ line, level }) => `${line} ${level}`);

/** Steps of jobs: each line of a job is a `run`, or another step as written. */
function workflow(...jobs: readonly (readonly string[])[]): string {
  const steps = jobs.map((lines, at) =>
    [`  j${at}:`, '    runs-on: ubuntu-latest', '    steps:', ...lines.map((line) => `      - ${line}`)].join('\n'),
  );
  return `on: push\njobs:\n${steps.join('\n')}\n`;
}
const WORKFLOW = '.github/workflows/x.yml';

describe('an image that is delivered as an archive is an error', () => {
  test.each<[string, string, readonly string[]]>([
    ['x.sh', 'docker save app | ssh host docker load', ['1 error', '1 error']],
    ['x.sh', 'docker save app | gzip | ssh host "gunzip | docker load"', ['1 error', '1 error']],
    ['x.sh', "sudo sh -c 'docker save app' | ssh -p 22 me@host sudo docker load", ['1 error', '1 error']],
    ['x.sh', 'docker save app | bzip2 | pv | ssh host "cat > /tmp/app.tar.bz2"', ['1 error']],
    ['x.sh', 'docker save app -o app.tar\nscp app.tar host:/tmp/', ['1 error']],
    ['x.sh', 'docker save -o "$OUT" app\nrsync -av "$OUT" host:/srv/', ['1 error']],
    ['x.sh', 'docker save app | gzip > out/app.tgz\nrsync -a out/ host:/srv/', ['1 error']],
    ['x.sh', 'docker save app > app.tar\naws s3 cp app.tar s3://bucket/', ['1 error']],
    ['x.sh', 'docker save app | aws s3 cp - s3://bucket/app.tar', ['1 error']],
    ['x.sh', 'podman save -o app.tar app\ngsutil cp *.tar gs://bucket', ['1 error']],
    ['x.sh', 'nerdctl save -o app.tar app\ncurl -T app.tar https://files.example.org/', ['1 error']],
    ['x.sh', 'docker save -o app.tar app\ncurl -F file=@app.tar https://files.example.org/', ['1 error']],
    ['x.sh', 'docker save -o app.tar app\ngh release upload v1 app.tar', ['1 error']],
    ['x.sh', 'docker load -i app.tar\ndocker tag app r.example/app\ndocker push r.example/app', ['1 error']],
    ['x.sh', 'docker load < app.tar && docker image push r.example/app', ['1 error']],
    ['x.sh', 'podman load -i app.tar\nskopeo copy containers-storage:app docker://r.example/app', ['1 error']],
    ['x.sh', 'curl -fsSL https://files.example.org/app.tar | docker load', ['1 error']],
    ['x.sh', 'aws s3 cp s3://bucket/app.tar app.tar\ndocker load --input app.tar', ['2 error']],
    ['x.sh', 'scp host:/srv/app.tar .\ndocker load --input=app.tar', ['2 error']],
    ['x.sh', 'ssh host cat app.tar | docker load', ['1 error']],
    ['x.sh', 'docker -H ssh://host load -i app.tar', ['1 error']],
    ['x.sh', 'docker save app | docker --context production load', ['1 error', '1 error']],
    ['x.sh', 'ctr -n k8s.io images export app.tar app\nscp app.tar host:', ['1 error']],
    ['Makefile', 'deploy:\n\tdocker save app -o app.tar\n\tscp app.tar host:\n', ['2 error']],
    ['package.json', '{"scripts":{"ship":"docker save app | ssh host docker load"}}', ['1 error', '1 error']],
    ['ci.py', 'run(["docker", "load", "-i", "app.tar"])\nrun(["docker", "push", tag])\n', ['1 error']],
    [
      WORKFLOW,
      workflow(['run: docker load -i app.tar', 'run: docker tag app r.example/app && docker push r.example/app']),
      ['6 error'],
    ],
    [
      WORKFLOW,
      workflow(
        [
          'run: docker save app -o app.tar',
          'uses: actions/upload-artifact@v4\n        with: { name: i, path: app.tar }',
        ],
        ['uses: actions/download-artifact@v4', 'run: scp app.tar host:/srv/ && ssh host docker load -i /srv/app.tar'],
      ),
      ['13 error', '6 error'],
    ],
    [
      WORKFLOW,
      workflow([
        'run: docker save app -o app.tar',
        'uses: appleboy/scp-action@v1\n        with: { host: h, source: app.tar }',
      ]),
      ['6 error'],
    ],
    [
      WORKFLOW,
      workflow(['uses: appleboy/ssh-action@v1\n        with: { script: docker load -i /tmp/app.tar }']),
      ['7 error'],
    ],
    [
      WORKFLOW,
      workflow([
        'run: docker save app | gzip > app.tar.gz',
        'uses: softprops/action-gh-release@v2\n        with: { files: "*.tar.gz" }',
      ]),
      ['6 error'],
    ],
    [
      '.gitlab-ci.yml',
      'deploy:\n  script:\n    - docker load -i app.tar\n    - docker push r.example/app\n',
      ['3 error'],
    ],
  ])('%s %j', (file, text, expected) => expect(levels(file, text).sort()).toEqual(expected));
});

describe('an archive that a job hands to the next is a warning', () => {
  test.each<[string, string, readonly string[]]>([
    ['x.sh', 'docker save -o app.tar app', ['1 warning']],
    ['x.sh', 'docker load -i app.tar\ndocker run --rm app test', ['1 warning']],
    ['x.sh', 'docker save app | docker load', ['1 warning', '1 warning']],
    ['x.sh', 'docker save app | sudo k3s ctr images import -', ['1 warning', '1 warning']],
    ['x.sh', 'docker save -o app.tar app\nscp docs.tgz host:/srv/', ['1 warning']],
    ['x.sh', 'docker save -o app.tar app || true\nrsync -a a b', ['1 warning']],
    ['x.sh', 'docker --context default load -i app.tar', ['1 warning']],
    ['Makefile', 'load:\n\tdocker load -i app.tar\n\npush: build\n\tdocker push r.example/app\n', ['2 warning']],
    ['package.json', '{"scripts":{"load":"docker load -i a.tar","push":"docker push r.example/app"}}', ['1 warning']],
    [
      WORKFLOW,
      workflow(
        [
          'run: docker save app -o app.tar',
          'uses: actions/upload-artifact@v4\n        with: { name: i, path: app.tar }',
        ],
        ['uses: actions/download-artifact@v4', 'run: docker load -i app.tar', 'run: docker run app npm test'],
        ['uses: docker/build-push-action@v6', 'run: docker push r.example/app'],
      ),
      ['13 warning', '6 warning'],
    ],
    [
      '.gitlab-ci.yml',
      'test:\n  script: [docker load -i app.tar]\npublish:\n  script: [docker push r.example/app]\n',
      ['2 warning'],
    ],
  ])('%s %j', (file, text, expected) => expect(levels(file, text).sort()).toEqual(expected));

  test('also where a policy raises the rule', () => {
    const [remark] = scanForHandMade('x.sh', 'docker save -o app.tar app');
    expect(remark && findingOf('x.sh', remark, { levels: { 'image-by-file': 'error' } })?.level).toBe('warning');
  });
});
