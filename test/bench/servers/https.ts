import { CONSTANT_ANSWER } from './constant-answer.ts';
import { serveYardstick } from './yardstick.ts';

// What HTTPS itself costs in Node: the body is read, and nothing is done with it.
serveYardstick(() => CONSTANT_ANSWER);
