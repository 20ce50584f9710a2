import { createServer } from 'node:http';
import minimist from 'minimist';

const { port = process.env.PORT } = minimist(process.argv.slice(2));
createServer((_, response) => response.end('hello\n')).listen(Number(port));
