import { Hono } from 'hono';

// ponder does not start without one.
export default new Hono();
