// What amazon-connect-chatjs wants of a browser, in Node.js, and the package itself, unmodified.
//
// It is a script for pages: it reads `window` and `self`, asks `navigator` whether it is online, opens `WebSocket`s,
// and leaves its API at `window.connect`.

import { createRequire } from 'node:module';

import WebSocket from 'ws';

function pretendToBeAPage() {
  const events = new EventTarget();
  const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;
  const listeners = { addEventListener, removeEventListener, dispatchEvent };
  for (const [name, method] of Object.entries(listeners)) globalThis[name] = method.bind(events);
  Object.assign(globalThis, { window: globalThis, self: globalThis, WebSocket });
  if (globalThis.navigator === undefined) globalThis.navigator = { userAgent: 'Node.js' };
  Object.defineProperty(globalThis.navigator, 'onLine', { value: true });
}

/** Loads ChatJS for a server. It keeps its client per region, so one process speaks to one server. */
export function loadChatJs(server, region) {
  pretendToBeAPage();
  createRequire(import.meta.url)('amazon-connect-chatjs');
  const { ChatSession } = globalThis.connect;
  ChatSession.setGlobalConfig({
    region,
    endpoint: server.url,
    loggerConfig: { useDefaultLogger: false },
    features: { messageReceipts: { shouldSendMessageReceipts: true, throttleTime: 100 } },
  });
  return ChatSession;
}
