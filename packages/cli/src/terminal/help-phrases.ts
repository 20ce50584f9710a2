/** Descriptions of inputs in words for a terminal. Applied in this order, before names of inputs become flags. */
const PHRASES: readonly (readonly [from: RegExp, to: string])[] = [
  [/Step inputs override it/g, 'Flags override it'],
  [/environment variables of this step/g, 'environment variables'],
  [/the layout that build-image made earlier in this job \(below RUNNER_TEMP\)/g, 'the one that tidegate build made'],
  [
    /Name of the image within this job\. Required only if one job builds several images\./g,
    'Name of the image within this checkout. Required only for several images.',
  ],
  [/the key sign-image used in this job/g, 'the key that tidegate sign used in this checkout'],
  [/The job needs ([a-z-]+: write)/g, 'The token needs $1'],
  [/by the job's identity \(id-token: write\)/g, 'by the identity of a job of GitHub'],
  [/a key or the job's identity/g, 'a key or an identity token'],
  [/fails the step\b/g, 'fails the command'],
  [/Never leaves this job\b/g, 'Never leaves this machine'],
  [/with the job's identity, key with key\b/g, 'with an identity token, key with --key-file'],
  [/this step reads them/g, 'the command reads them'],
  [/If this step fails, say so/g, 'If the command fails, say so'],
  [/ between jobs\b/g, ' between runs'],
  [/ \(an input of [a-z/-]+\)/g, ''],
  [
    /Artifact of another job, saved by download-artifact with skip-decompress: true: the file or its folder\./g,
    'Zip archive with files, such as an artifact of a workflow: the file or its folder.',
  ],
  [/, from the output artifact-digest of upload-artifact in a job output/g, ''],
  [/Layout of this image from another job\./g, 'Layout of this image from another build.'],
  [/ of build-image in a job output/g, ' of that build'],
  [/, for (?:evidence of )?join-layouts in another job/g, ', for join-layouts in a workflow'],
  [/, from a trusted job\b/g, ', from a run that you trust'],
  [/ in a trusted job\b/g, ' in a run that you trust'],
  [
    /Name of the artifact that a later step uploads the reports to\. The summary links to it\./g,
    'In a workflow: name of the artifact with the reports, to which the summary links.',
  ],
  [/a folder below RUNNER_TEMP\b/g, 'a folder below ~/.cache/tidegate/work'],
  [/Give each step with other files its own/g, 'Give each run with other files its own'],
  [/\bthe runner's (?=buildx|network)/g, "this machine's "],
];

/** The description of a flag, as the help shows it. */
export function helpWords(description: string): string {
  return PHRASES.reduce((text, [from, to]) => text.replace(from, to), description);
}
