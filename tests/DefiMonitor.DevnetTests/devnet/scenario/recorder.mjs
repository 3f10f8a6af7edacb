import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * The monitor's recorder as a child process, in lock step: it says each block it has recorded ({"recorded":{"number","hash"}}), that the node does
 * not answer ({"unreachable":true}), and the alerts it raises ({"alert":{"account","market","level","repay":{"asset","amount"},"deposit":{…}}}), one JSON
 * object a line. Alerts of a block come before that block's own line; account, market and the ways out are null where an alert is about something else.
 */
export class Recorder {
  #child;
  #recorded = new Set();
  #unreachable = 0;
  #alerts = [];
  #waiting = null;
  #ended = null;
  #code = null;

  /** `{rpc}`, `{config}` and `{out}` in the command are filled in; what is not in it is appended as an option. */
  constructor(command, { rpc, config, out }) {
    let line = command;
    for (const [name, value] of Object.entries({ rpc, config, out })) {
      if (value === undefined) continue;
      line = line.includes(`{${name}}`) ? line.replaceAll(`{${name}}`, value) : `${line} --${name} "${value}"`;
    }
    this.#child = spawn(line, { shell: true, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.once('error', (error) => this.#end(`can't be started (${error.message})`));
    this.#child.stdin.on('error', () => {}); // it may have ended before its input does, which 'close' tells
    // Not 'exit': the shell may be gone while what it has started still writes.
    this.#child.once('close', (code, signal) => {
      this.#code = code;
      this.#end(`has ended (${signal ?? `exit code ${code}`})`);
    });
    createInterface({ input: this.#child.stdout }).on('line', (text) => this.#hear(text));
    process.once('exit', () => this.kill());
  }

  /** Until the block is recorded. */
  async sees(block, seconds = 30) {
    await this.#until(() => this.#recorded.has(block.hash.toLowerCase()), seconds, `has not recorded block ${block.number} (${block.hash})`);
  }

  /** Until it says that the node does not answer, from now on. */
  async noticesOutage(seconds = 60) {
    const before = this.#unreachable;
    await this.#until(() => this.#unreachable > before, seconds, 'has not noticed that the node is gone');
  }

  /** The first alert of a level about an account that names a way out, if there was one. */
  alert({ address, market }, level) {
    return this.#alerts.find((a) => a.account?.toLowerCase() === address.toLowerCase() && (a.market ?? market) === market && a.level === level && (a.repay ?? a.deposit));
  }

  /** Ends it by the end of its input, or if that does not suffice by SIGTERM, and waits until it has. */
  async stop(seconds = 60) {
    if (this.#ended) return;
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#signal('SIGTERM'), 3000);
    try {
      await this.#until(() => this.#ended !== null, seconds, 'does not end');
    } finally {
      clearTimeout(timer);
    }
    if (this.#code) throw new Error(`the recorder ended badly (exit code ${this.#code})`);
  }

  /** Ends it without ceremony, where something else has gone wrong already. */
  kill() {
    this.#signal('SIGKILL');
  }

  #hear(text) {
    let line;
    try {
      line = JSON.parse(text);
    } catch {
      console.error(`recorder: ${text}`);
      return;
    }
    if (line.recorded) this.#recorded.add(line.recorded.hash.toLowerCase());
    if (line.unreachable) this.#unreachable++;
    if (line.alert) this.#alerts.push(line.alert);
    this.#waiting?.();
  }

  #end(how) {
    this.#ended = how;
    this.#waiting?.();
  }

  #until(done, seconds, complaint) {
    return new Promise((resolve, reject) => {
      const finish = (act) => {
        clearTimeout(timer);
        this.#waiting = null;
        act();
      };
      const timer = setTimeout(() => finish(() => reject(new Error(`within ${seconds} s the recorder ${complaint}`))), seconds * 1000);
      const look = () => {
        if (done()) finish(resolve);
        else if (this.#ended) finish(() => reject(new Error(`the recorder ${this.#ended}; it ${complaint}`)));
      };
      this.#waiting = look;
      look();
    });
  }

  #signal(signal) {
    if (this.#ended) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}
