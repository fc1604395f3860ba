import { CONSTANT_ANSWER } from './constant-answer.ts';
import { serveYardstick } from './yardstick.ts';

// The cost of HTTPS itself in Node: it reads the body and ignores it.
serveYardstick(() => CONSTANT_ANSWER);
