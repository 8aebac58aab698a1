// amazon-connect-chatjs 5 as the customer, unmodified.

import assert from 'node:assert/strict';
import { File } from 'node:buffer';
import { after, before, test } from 'node:test';

import { GetTranscriptCommand, SendEventCommand, SendMessageCommand } from '@aws-sdk/client-connectparticipant';

import { loadChatJs } from './browser.mjs';
import { Arrivals, REGION, Server } from './harness.mjs';

const EVENT = 'application/vnd.amazonaws.connect.event.';
const PLAIN = 'text/plain';
let server, instance, ChatSession;

before(async () => {
  server = await Server.start();
  instance = await server.newInstance();
  ChatSession = loadChatJs(server, REGION);
});

after(() => server.stop());

/** A ChatJS session; whatever it calls back with is kept in order as `[callback, data]`. */
class Session extends Arrivals {
  constructor(chat) {
    super();
    this.chat = chat;
    const { ContactId: contactId, ParticipantId: participantId, ParticipantToken: participantToken } = chat;
    this.session = ChatSession.create({
      type: ChatSession.SessionTypes.CUSTOMER,
      chatDetails: { contactId, participantId, participantToken },
      options: { region: REGION },
      // Its telemetry goes to AWS, whatever the endpoint.
      disableCSM: true,
    });
    for (const name of [
      'Message',
      'Typing',
      'ReadReceipt',
      'DeliveredReceipt',
      'ConnectionEstablished',
      'ConnectionLost',
      'ConnectionBroken',
      'Ended',
      'ChatRehydrated',
      'AuthenticationInitiated',
      'AuthenticationSuccessful',
    ]) {
      this.session[`on${name}`]((event) => this.push([name, event?.data]));
    }
  }

  /** Connects, and waits for the socket too: ChatJS says "established" for the reply and again for the socket. */
  async connect() {
    const { connectSuccess } = await this.session.connect();
    assert.equal(connectSuccess, true);
    await this.established(2);
    return this;
  }

  established(times) {
    const count = () => this.all.filter(([name]) => name === 'ConnectionEstablished').length;
    return this.waitFor(() => count() >= times, `${times} times established`);
  }

  called(name, condition = () => true) {
    return this.waitFor(([callback, data]) => callback === name && condition(data), name).then(([, data]) => data);
  }

  message(text) {
    return this.called('Message', (item) => item.Content === text);
  }

  event(name) {
    return this.called('Message', (item) => item.ContentType === EVENT + name);
  }

  async end() {
    await this.session.disconnectParticipant();
    await this.called('Ended');
  }
}

async function connected(more) {
  return new Session(await server.startChat(instance, more)).connect();
}

test('connect, and hear an agent join', async () => {
  const customer = await connected();
  const agent = await server.addAgent(customer.chat.ContactId);
  const joined = await customer.event('participant.joined');
  assert.equal(joined.ParticipantId, agent.id);
  await customer.end();
  agent.socket.close();
});

test('messages go both ways and one hears oneself', async () => {
  const customer = await connected();
  const agent = await server.addAgent(customer.chat.ContactId);
  const { data: said } = await customer.session.sendMessage({ message: 'hello', contentType: PLAIN });
  const [echo, heard] = await Promise.all([customer.message('hello'), agent.socket.message('hello')]);
  assert.deepEqual([echo.Id, heard.Id], [said.Id, said.Id]);
  assert.equal(echo.ParticipantId, customer.chat.ParticipantId);
  await agent.send(SendMessageCommand, { ContentType: PLAIN, Content: 'how can I help?' });
  assert.equal((await customer.message('how can I help?')).ParticipantRole, 'AGENT');
  await customer.end();
  agent.socket.close();
});

test('typing goes both ways', async () => {
  const customer = await connected();
  const agent = await server.addAgent(customer.chat.ContactId);
  await agent.send(SendEventCommand, { ContentType: `${EVENT}typing` });
  assert.equal((await customer.called('Typing')).ParticipantRole, 'AGENT');
  await customer.session.sendEvent({ contentType: `${EVENT}typing` });
  const isTyping = (item) => item.ParticipantRole === 'CUSTOMER' && item.ContentType === `${EVENT}typing`;
  assert.equal((await agent.socket.waitFor(isTyping, 'typing')).Type, 'EVENT');
  await customer.end();
  agent.socket.close();
});

test('receipts go both ways', async () => {
  const customer = await connected();
  const agent = await server.addAgent(customer.chat.ContactId);
  const { data: said } = await customer.session.sendMessage({ message: 'read me', contentType: PLAIN });
  const content = JSON.stringify({ messageId: said.Id });
  await agent.send(SendEventCommand, { ContentType: `${EVENT}message.delivered`, Content: content });
  const delivered = await customer.called('DeliveredReceipt');
  assert.equal(delivered.MessageMetadata.MessageId, said.Id);
  await agent.send(SendEventCommand, { ContentType: `${EVENT}message.read`, Content: content });
  const read = await customer.called('ReadReceipt');
  assert.equal(read.MessageMetadata.Receipts[0].RecipientParticipantId, agent.id);

  // ChatJS gives each of its read receipts the same ClientToken: the second must count all the same.
  for (const text of ['first', 'second']) {
    const { Id } = await agent.send(SendMessageCommand, { ContentType: PLAIN, Content: text });
    await customer.message(text);
    const content = JSON.stringify({ messageId: Id });
    await customer.session.sendEvent({ contentType: `${EVENT}message.read`, content });
    const receipt = (item) => item.MessageMetadata?.MessageId === Id && item.MessageMetadata.Receipts[0].ReadTimestamp;
    await agent.socket.waitFor(receipt, `the receipt for ${text}`);
  }
  await customer.end();
  agent.socket.close();
});

test('a file is sent, heard of and fetched', async () => {
  const customer = await connected();
  const agent = await server.addAgent(customer.chat.ContactId);
  await customer.session.sendAttachment({ attachment: new File(['hello'], 'note.txt', { type: PLAIN }) });
  const item = await customer.called('Message', (item) => item.Type === 'ATTACHMENT');
  const [{ AttachmentId, AttachmentName, Status }] = item.Attachments;
  assert.deepEqual([AttachmentName, Status], ['note.txt', 'APPROVED']);
  const blob = await customer.session.downloadAttachment({ attachmentId: AttachmentId });
  assert.equal(await blob.text(), 'hello');
  const url = await customer.session.getAttachmentURL({ attachmentId: AttachmentId });
  assert.equal(await (await fetch(url)).text(), 'hello');
  await agent.socket.waitFor((heard) => heard.Id === item.Id, 'the file');
  await customer.end();
  agent.socket.close();
});

test('the transcript is read as ChatJS asks for it', async () => {
  const customer = await connected({ InitialMessage: { ContentType: PLAIN, Content: 'zero' } });
  for (const message of ['one', 'two', 'three']) await customer.session.sendMessage({ message, contentType: PLAIN });
  const { data } = await customer.session.getTranscript({});
  const messages = data.Transcript.filter((item) => item.Type === 'MESSAGE').map((item) => item.Content);
  assert.deepEqual(messages, ['zero', 'one', 'two', 'three']);
  assert.ok(!data.NextToken);

  const newest = await customer.session.getTranscript({ maxResults: 2, sortOrder: 'DESCENDING' });
  assert.deepEqual(newest.data.Transcript.map((item) => item.Content), ['three', 'two']);
  const { NextToken: nextToken } = newest.data;
  const older = await customer.session.getTranscript({ maxResults: 2, sortOrder: 'DESCENDING', nextToken });
  assert.deepEqual(older.data.Transcript.map((item) => item.Content), ['one', 'zero']);
  await customer.end();
});

test('a restart of the server is no more than a reconnect', async () => {
  const customer = await connected();
  const agent = await server.addAgent(customer.chat.ContactId);
  await customer.session.sendMessage({ message: 'before', contentType: PLAIN });
  await customer.message('before');

  await server.restartInPlace();
  await customer.called('ConnectionLost');
  await customer.established(3);
  assert.ok(!customer.all.some(([name]) => name === 'ConnectionBroken' || name === 'Ended'));

  await agent.reconnect();
  await agent.send(SendMessageCommand, { ContentType: PLAIN, Content: 'still here?' });
  await customer.message('still here?');
  await customer.session.sendMessage({ message: 'yes', contentType: PLAIN });
  await agent.socket.message('yes');

  const { Transcript } = await agent.send(GetTranscriptCommand, { SortOrder: 'ASCENDING', MaxResults: 100 });
  const messages = Transcript.filter((item) => item.Type === 'MESSAGE').map((item) => item.Content);
  assert.deepEqual(messages, ['before', 'still here?', 'yes']);
  const joined = Transcript.filter((item) => item.ContentType === `${EVENT}participant.joined`);
  assert.equal(joined.length, 2, 'coming back is not joining');
  await customer.end();
  agent.socket.close();
});

test('a customer signs in', async () => {
  const customer = await connected();
  const authentication = `contacts/${customer.chat.ContactId}/authentication`;
  const { sessionId } = await server.own(authentication, { signInPage: 'https://idp.example/authorize?client_id=shop' });
  const { Content } = await customer.called('AuthenticationInitiated');
  assert.equal(JSON.parse(Content).SessionId, sessionId);
  const { data } = await customer.session.getAuthenticationUrl({ redirectUri: 'https://shop.example/back', sessionId });
  assert.equal(new URL(data.AuthenticationUrl).searchParams.get('state'), sessionId);
  await server.own(`${authentication}/${sessionId}`, { outcome: 'SUCCEEDED' });
  await customer.called('AuthenticationSuccessful');
  await customer.end();
});

test('an ended chat takes nothing more, and another goes on', async () => {
  const customer = await connected();
  const second = await connected();
  const agent = await server.addAgent(customer.chat.ContactId);
  await customer.end();
  await agent.socket.event('chat.ended');
  assert.ok(!second.all.some(([name]) => name === 'Ended'));
  await assert.rejects(async () => customer.session.sendMessage({ message: 'late', contentType: PLAIN }));
  await second.end();
  agent.socket.close();
});

test('a persistent chat is rehydrated', async () => {
  const past = await connected();
  await past.session.sendMessage({ message: 'long ago', contentType: PLAIN });
  await past.end();
  const PersistentChat = { SourceContactId: past.chat.ContactId, RehydrationType: 'ENTIRE_PAST_SESSION' };
  const now = await connected({ PersistentChat });
  await now.called('ChatRehydrated');
  const { data } = await now.session.getTranscript({ maxResults: 100 });
  const { data: older } = data.NextToken
    ? await now.session.getTranscript({ maxResults: 100, nextToken: data.NextToken })
    : { data: { Transcript: [] } };
  const messages = [...older.Transcript, ...data.Transcript].filter((item) => item.Type === 'MESSAGE');
  assert.deepEqual(messages.map((item) => item.Content), ['long ago']);
  await now.end();
});
