import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A TCP port in front of the node that can refuse connections while the node goes on. HTTP and WebSocket pass alike. */
export class Proxy {
  #server;
  #sockets = new Set();
  #held = false;

  constructor(target) {
    this.target = target;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async open(port = 0) {
    await this.#listen(port);
    this.port = this.#server.address().port;
    return this;
  }

  /** Cuts every connection and refuses new ones. */
  async down() {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async up() {
    if (!this.#server) await this.#listen(this.port);
  }

  /** Lets requests wait: whatever happens on the node until `release` happens at once for those who ask. */
  hold() {
    this.#held = true;
    for (const socket of this.#sockets) if (socket.isClient) socket.pause();
  }

  release() {
    this.#held = false;
    for (const socket of this.#sockets) if (socket.isClient) socket.resume();
  }

  async #listen(port) {
    const server = createServer((client) => this.#join(client));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
  }

  #join(client) {
    const node = connect(this.target, '127.0.0.1');
    client.isClient = true;
    for (const [socket, other] of [[client, node], [node, client]]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(node).pipe(client);
    if (this.#held) client.pause();
  }
}
