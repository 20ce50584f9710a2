/**
 * `npm run pictures` makes docs/pictures: the HTML report and the job summary of a published and of a refused image, on
 * a desktop and on a phone, in both themes; and the job summary of each example. Images are built, scanned and
 * published by the real tools. Also the table of word counts in docs/performance.md.
 */
import { join } from 'node:path';
import { repositoryRoot } from '@tidegate/testkit';
import { drawPictures } from './draw.ts';
import { shippedApplications, shippedExamples, shippedTwice } from './shop.ts';
import { writeWordCounts } from './word-counts.ts';

const log = (line: string) => console.log(line);
const twice = await shippedTwice(log);
const root = repositoryRoot;
await writeWordCounts(await shippedApplications(log), join(root, 'docs/performance.md'));
await drawPictures(twice, await shippedExamples(log), join(root, 'docs/pictures'), log);
