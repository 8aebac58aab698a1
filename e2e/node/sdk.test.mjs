// The AWS SDK for JavaScript, version 3: both clients, unmodified.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  AssociateBotCommand,
  ContactNotFoundException,
  CreateInstanceCommand,
  DescribeContactCommand,
  DescribeInstanceCommand,
  DisassociateBotCommand,
  InvalidRequestException,
  ListBotsCommand,
  ResourceConflictException,
  ResourceNotFoundException,
  StopContactCommand,
  paginateListContactFlows,
} from '@aws-sdk/client-connect';
import {
  AccessDeniedException,
  CompleteAttachmentUploadCommand,
  CreateParticipantConnectionCommand,
  DescribeViewCommand,
  DisconnectParticipantCommand,
  GetAttachmentCommand,
  GetTranscriptCommand,
  SendEventCommand,
  SendMessageCommand,
  StartAttachmentUploadCommand,
  ValidationException,
} from '@aws-sdk/client-connectparticipant';

import { ChatSocket, REGION, Server } from './harness.mjs';

const READ = 'application/vnd.amazonaws.connect.event.message.read';
let server, connect, participant, instance;

before(async () => {
  server = await Server.start();
  connect = server.connect();
  participant = server.participant();
  instance = await server.newInstance();
});

after(() => server.stop());

/** A customer who is connected. */
async function customer() {
  const chat = await server.startChat(instance);
  const made = await participant.send(
    new CreateParticipantConnectionCommand({
      ParticipantToken: chat.ParticipantToken,
      Type: ['WEBSOCKET', 'CONNECTION_CREDENTIALS'],
    }),
  );
  const socket = await ChatSocket.open(made.Websocket.Url);
  return { chat, socket, ConnectionToken: made.ConnectionCredentials.ConnectionToken };
}

test('an instance is described by its id and by its ARN', async () => {
  for (const InstanceId of [instance.id, instance.arn]) {
    const { Instance: described } = await connect.send(new DescribeInstanceCommand({ InstanceId }));
    assert.equal(described.Id, instance.id);
    assert.ok(described.CreatedTime instanceof Date);
  }
});

test('errors are the classes of the model', async () => {
  const unknown = new DescribeInstanceCommand({ InstanceId: crypto.randomUUID() });
  await assert.rejects(connect.send(unknown), (error) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.equal(error.$metadata.httpStatusCode, 404);
    assert.ok(error.$metadata.requestId && error.message);
    return true;
  });
  const wrong = { IdentityManagementType: 'SAML', InboundCallsEnabled: true, OutboundCallsEnabled: true };
  await assert.rejects(connect.send(new CreateInstanceCommand(wrong)), InvalidRequestException);
});

test('bots are associated, listed and disassociated', async () => {
  const bot = { InstanceId: instance.id, LexBot: { Name: 'OrderFlowers', LexRegion: REGION } };
  await connect.send(new AssociateBotCommand(bot));
  await assert.rejects(connect.send(new AssociateBotCommand(bot)), ResourceConflictException);
  const { LexBots } = await connect.send(new ListBotsCommand({ InstanceId: instance.id, LexVersion: 'V1' }));
  assert.deepEqual(LexBots, [{ LexBot: bot.LexBot }]);
  await connect.send(new DisassociateBotCommand(bot));
  await assert.rejects(connect.send(new DisassociateBotCommand(bot)), ResourceNotFoundException);
});

test('a paginator comes to an end', async () => {
  const names = new Set();
  for await (const page of paginateListContactFlows({ client: connect, pageSize: 3 }, { InstanceId: instance.id })) {
    for (const flow of page.ContactFlowSummaryList) names.add(flow.Name);
  }
  assert.ok(names.size > 3);
});

test('a chat goes from its start to its end', async () => {
  const { chat, socket, ConnectionToken } = await customer();
  const agent = await server.addAgent(chat.ContactId);
  await socket.waitFor((item) => item.ParticipantRole === 'AGENT', 'the agent');

  const said = await participant.send(
    new SendMessageCommand({ ConnectionToken, ContentType: 'text/plain', Content: 'hello' }),
  );
  assert.equal((await agent.socket.message('hello')).Id, said.Id);
  await agent.send(SendEventCommand, { ContentType: READ, Content: JSON.stringify({ messageId: said.Id }) });
  const receipt = await socket.waitFor((item) => item.MessageMetadata?.Receipts[0].ReadTimestamp, 'the receipt');
  assert.equal(receipt.MessageMetadata.MessageId, said.Id);

  const { Transcript } = await participant.send(new GetTranscriptCommand({ ConnectionToken, SortOrder: 'ASCENDING' }));
  assert.deepEqual(
    Transcript.map((item) => [item.Type, item.ParticipantRole, item.Content]),
    [
      ['EVENT', 'CUSTOMER', undefined],
      ['EVENT', 'AGENT', undefined],
      ['MESSAGE', 'CUSTOMER', 'hello'],
    ],
  );

  await participant.send(new DisconnectParticipantCommand({ ConnectionToken }));
  await agent.socket.event('chat.ended');
  const where = { InstanceId: instance.id, ContactId: chat.ContactId };
  const { Contact } = await connect.send(new DescribeContactCommand(where));
  assert.equal(Contact.DisconnectReason, 'CUSTOMER_DISCONNECT');
  assert.ok(Contact.DisconnectTimestamp instanceof Date);
  await assert.rejects(connect.send(new StopContactCommand(where)), ContactNotFoundException);
  const late = new SendMessageCommand({ ConnectionToken, ContentType: 'text/plain', Content: 'late' });
  await assert.rejects(participant.send(late), AccessDeniedException);
  socket.close();
  agent.socket.close();
});

test('a file is sent and fetched', async () => {
  const { socket, ConnectionToken } = await customer();
  const started = await participant.send(
    new StartAttachmentUploadCommand({
      ConnectionToken,
      ContentType: 'text/plain',
      AttachmentName: 'note.txt',
      AttachmentSizeInBytes: 5,
    }),
  );
  const { Url, HeadersToInclude } = started.UploadMetadata;
  const put = await fetch(Url, { method: 'PUT', headers: HeadersToInclude, body: 'hello' });
  assert.equal(put.status, 200);
  await participant.send(
    new CompleteAttachmentUploadCommand({ ConnectionToken, AttachmentIds: [started.AttachmentId] }),
  );
  const item = await socket.waitFor((item) => item.Type === 'ATTACHMENT', 'the file');
  assert.equal(item.Attachments[0].AttachmentName, 'note.txt');
  const got = await participant.send(new GetAttachmentCommand({ ConnectionToken, AttachmentId: started.AttachmentId }));
  assert.equal(await (await fetch(got.Url)).text(), 'hello');
  socket.close();
});

test('a constraint that is broken is a ValidationException', async () => {
  const { socket, ConnectionToken } = await customer();
  const wrong = new SendMessageCommand({ ConnectionToken, ContentType: 'text/html', Content: '<b>' });
  await assert.rejects(participant.send(wrong), ValidationException);
  // A view's token may hold what a path may not.
  const view = new DescribeViewCommand({ ConnectionToken, ViewToken: 'a/b+c=' });
  await assert.rejects(participant.send(view), { name: 'ResourceNotFoundException' });
  socket.close();
});
