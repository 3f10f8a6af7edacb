import http from 'node:http';

/** A JSON-RPC error as the node told it. */
export class RpcError extends Error {
  constructor(method, error) {
    super(`${method}: ${error.message}`);
    this.code = error.code;
    this.data = error.data;
  }
}

/** JSON-RPC over one kept-alive connection; `batch` sends many calls in one post. */
export class Rpc {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  #nextId = 1;

  constructor(url) {
    this.url = url;
  }

  async call(method, ...params) {
    const reply = await this.#post(this.#request(method, params));
    if (reply.error) throw new RpcError(method, reply.error);
    return reply.result;
  }

  /** @param {[string, ...any][]} calls @returns one `{ result }` or `{ error }` each, in the same order */
  async tryBatch(calls) {
    const replies = [];
    for (let i = 0; i < calls.length; i += 250) {
      const chunk = calls.slice(i, i + 250).map(([method, ...params]) => this.#request(method, params));
      const answers = new Map((await this.#post(chunk)).map((a) => [a.id, a]));
      for (const { id, method } of chunk) {
        const { result, error } = answers.get(id);
        replies.push(error ? { error: new RpcError(method, error) } : { result });
      }
    }
    return replies;
  }

  /** As `tryBatch`, but the first error is thrown. */
  async batch(calls) {
    return (await this.tryBatch(calls)).map(({ result, error }) => {
      if (error) throw error;
      return result;
    });
  }

  close() {
    this.#agent.destroy();
  }

  #request(method, params) {
    return { jsonrpc: '2.0', id: this.#nextId++, method, params };
  }

  #post(body) {
    const text = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = http.request(this.url, {
        method: 'POST',
        agent: this.#agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      }, (response) => {
        const chunks = [];
        response.on('data', (c) => chunks.push(c));
        response.on('error', reject);
        response.on('end', () => {
          try {
            resolve(JSON.parse(Buffer.concat(chunks).toString()));
          } catch (error) {
            reject(error);
          }
        });
      });
      request.on('error', reject);
      request.end(text);
    });
  }
}
