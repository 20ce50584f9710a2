/**
 * `npm run pictures` makes docs/pictures: the HTML report and the job summary of a published and of a refused image, on
 * a desktop and on a phone, in both themes. Images are built, scanned and published by the real tools.
 */
import { join } from 'node:path';
import { repositoryRoot } from '@tidegate/testkit';
import { drawPictures } from './draw.ts';
import { shippedTwice } from './shop.ts';

const log = (line: string) => console.log(line);
await drawPictures(await shippedTwice(log), join(repositoryRoot, 'docs/pictures'), log);
