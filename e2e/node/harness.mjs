// The real binary, started on a free port in a temporary folder, and who talks to it.
//
// The one rule: whoever waits, waits for an event, and a server that was started is stopped and exits with 0.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import {
  AssociateInstanceStorageConfigCommand,
  ConnectClient,
  CreateInstanceCommand,
  DescribeInstanceCommand,
  ListContactFlowsCommand,
  StartChatContactCommand,
} from '@aws-sdk/client-connect';
import { ConnectParticipantClient, CreateParticipantConnectionCommand } from '@aws-sdk/client-connectparticipant';
import WebSocket from 'ws';

export const REGION = 'us-east-1';
const KEY = { accessKeyId: 'AKIDSWITCHBOARDTEST1', secretAccessKey: 'a-secret-that-only-the-tests-know' };
const READY = 'switchboard ready ';
const PATIENCE_MS = 20_000;
const BINARY =
  process.env.SWITCHBOARD_BIN ?? fileURLToPath(new URL('../../target/debug/switchboard', import.meta.url));

/** Things that arrive, in order, and a way to wait for one of them. */
export class Arrivals {
  all = [];
  #waiting = new Set();

  push(thing) {
    this.all.push(thing);
    for (const look of this.#waiting) look();
  }

  /** The first one that `condition` holds for, of those here (but for the first `after`) or yet to come. */
  waitFor(condition, what = 'it', after = 0) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.all.slice(after).find(condition);
        if (found === undefined) return;
        clearTimeout(limit);
        this.#waiting.delete(look);
        resolve(found);
      };
      const limit = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${what} did not come; here is ${JSON.stringify(this.all, null, 1)}`));
      }, PATIENCE_MS);
      this.#waiting.add(look);
      look();
    });
  }
}

/** One `switchboard serve`. */
export class Server {
  #process;
  #data;
  #stderr = '';
  #ready = new Arrivals();

  static async start(...flags) {
    const server = new Server();
    server.#data = await mkdtemp(join(tmpdir(), 'switchboard-'));
    const key = `${KEY.accessKeyId}:${KEY.secretAccessKey}`;
    const where = ['--listen', '127.0.0.1:0', '--media', '127.0.0.1:0', '--data', server.#data];
    server.#process = spawn(BINARY, ['serve', ...where, '--access-key', key, ...flags]);
    server.#process.stderr.on('data', (text) => (server.#stderr += text));
    createInterface({ input: server.#process.stdout }).on('line', (line) => {
      if (line.startsWith(READY)) server.#ready.push(line.slice(READY.length));
    });
    server.url = await server.#nextReady();
    return server;
  }

  async stop() {
    this.#process.kill('SIGTERM');
    const [code] = await once(this.#process, 'exit');
    await rm(this.#data, { recursive: true, force: true });
    assert.ok(!this.#stderr.includes('panicked at'), this.#stderr);
    assert.equal(code, 0, this.#stderr);
  }

  /** SIGHUP: the program starts again in its process, on the listening socket, which never closes. */
  async restartInPlace() {
    const before = this.#ready.all.length;
    this.#process.kill('SIGHUP');
    assert.equal(await this.#nextReady(before), this.url);
  }

  #nextReady(after = 0) {
    return this.#ready.waitFor(() => true, `the ready line (stderr: ${this.#stderr})`, after);
  }

  connect() {
    return new ConnectClient({ region: REGION, endpoint: this.url, credentials: KEY, maxAttempts: 1 });
  }

  participant() {
    return new ConnectParticipantClient({ region: REGION, endpoint: this.url, credentials: KEY, maxAttempts: 1 });
  }

  /** A contact centre that is ready and takes files. */
  async newInstance() {
    const connect = this.connect();
    const made = await connect.send(
      new CreateInstanceCommand({
        IdentityManagementType: 'CONNECT_MANAGED',
        InstanceAlias: `test-${process.pid}-${Date.now()}`,
        InboundCallsEnabled: true,
        OutboundCallsEnabled: true,
      }),
    );
    await this.#active(connect, made.Id);
    const storage = { StorageType: 'S3', S3Config: { BucketName: 'files', BucketPrefix: 'chat' } };
    await connect.send(
      new AssociateInstanceStorageConfigCommand({
        InstanceId: made.Id,
        ResourceType: 'ATTACHMENTS',
        StorageConfig: storage,
      }),
    );
    const flows = await connect.send(
      new ListContactFlowsCommand({ InstanceId: made.Id, ContactFlowTypes: ['CONTACT_FLOW'] }),
    );
    return { id: made.Id, arn: made.Arn, flowId: flows.ContactFlowSummaryList[0].Id };
  }

  /** Creation takes a moment, and nobody is told when it is over: so it is asked again and again. */
  async #active(connect, id) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { Instance: instance } = await connect.send(new DescribeInstanceCommand({ InstanceId: id }));
      if (instance.InstanceStatus === 'ACTIVE') return;
      assert.ok(Date.now() < deadline, 'the instance did not become active');
      await new Promise(setImmediate);
    }
  }

  startChat(instance, more = {}) {
    return this.connect().send(
      new StartChatContactCommand({
        InstanceId: instance.id,
        ContactFlowId: instance.flowId,
        ParticipantDetails: { DisplayName: 'Jane' },
        ...more,
      }),
    );
  }

  /** An agent, asked into a chat through the server's own API, connected and listening. */
  async addAgent(contactId, displayName = 'Ann') {
    const { participantId, participantToken } = await this.own(`contacts/${contactId}/participants`, {
      role: 'AGENT',
      displayName,
    });
    return Agent.connect(this, participantId, participantToken);
  }

  /** Calls the server's own API. */
  async own(path, body) {
    const reply = await this.#signed('POST', `/_switchboard/${path}`, JSON.stringify(body));
    assert.equal(reply.status, 200, await reply.clone().text());
    return reply.json();
  }

  /** A request signed as SigV4 says, by hand: no SDK knows this API. */
  #signed(method, path, body) {
    const hash = (text) => createHash('sha256').update(text).digest('hex');
    const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const scope = `${date.slice(0, 8)}/${REGION}/connect/aws4_request`;
    const { host } = new URL(this.url);
    const canonical = [method, path, '', `host:${host}`, `x-amz-date:${date}`, '', 'host;x-amz-date', hash(body)];
    const toSign = ['AWS4-HMAC-SHA256', date, scope, hash(canonical.join('\n'))].join('\n');
    const key = scope.split('/').reduce(hmac, `AWS4${KEY.secretAccessKey}`);
    const signature = hmac(key, toSign).toString('hex');
    const credential = `AWS4-HMAC-SHA256 Credential=${KEY.accessKeyId}/${scope}`;
    const authorization = `${credential}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
    return fetch(this.url + path, { method, body, headers: { 'x-amz-date': date, authorization } });
  }
}

/** The items of a chat as one socket hears them. */
export class ChatSocket extends Arrivals {
  static async open(url) {
    const chat = new ChatSocket();
    chat.socket = new WebSocket(url);
    const subscribed = new Promise((resolve, reject) => {
      chat.socket.on('error', reject);
      chat.socket.on('message', (data) => {
        const frame = JSON.parse(data);
        if (frame.topic === 'aws/chat') chat.push(JSON.parse(frame.content));
        if (frame.topic === 'aws/subscribe') resolve(frame.content);
      });
    });
    await once(chat.socket, 'open');
    chat.socket.send(JSON.stringify({ topic: 'aws/subscribe', content: { topics: ['aws/chat'] } }));
    assert.equal((await subscribed).status, 'success');
    return chat;
  }

  message(text) {
    return this.waitFor((item) => item.Type === 'MESSAGE' && item.Content === text, `the message ${text}`);
  }

  event(name) {
    const contentType = `application/vnd.amazonaws.connect.event.${name}`;
    return this.waitFor((item) => item.ContentType === contentType, name);
  }

  close() {
    this.socket.close(1000);
  }
}

/** Somebody of the contact centre. */
class Agent {
  static async connect(server, id, participantToken) {
    const agent = new Agent();
    agent.id = id;
    agent.client = server.participant();
    agent.participantToken = participantToken;
    await agent.reconnect();
    return agent;
  }

  async reconnect() {
    const made = await this.client.send(
      new CreateParticipantConnectionCommand({
        ParticipantToken: this.participantToken,
        Type: ['WEBSOCKET', 'CONNECTION_CREDENTIALS'],
      }),
    );
    this.token = made.ConnectionCredentials.ConnectionToken;
    this.socket = await ChatSocket.open(made.Websocket.Url);
  }

  send(Command, request) {
    return this.client.send(new Command({ ConnectionToken: this.token, ...request }));
  }
}
