/**
 * A page that publishes to a stage or watches somebody there, over WHIP and WHEP, with nothing but what browsers have.
 *
 * One connection at a time. The tests call the functions of `window.call`; each waits with a limit, and says what it saw
 * when what it waits for did not come.
 */

/** How often statistics are looked at: browsers tell nobody when they change. */
const LOOK_MS = 50
/** How long after a failed try a client tries again, when it is not told. */
const RETRY_MS = 100
/** A line with an address of the server's: what is before the port, and what is behind it. */
const ADDRESS = /^(a=candidate:.* )\d+( typ host)/gm

/** The present connection, what it is for, and how many there were. */
let current = null
let wanted = null
let joined = 0

/** Publishes the fake camera and microphone. */
async function publish({ url, token, audio = true, video = null, layers, codec, over = null, again = false }) {
  const media = await navigator.mediaDevices.getUserMedia({ audio, video: video ?? false })
  const prepare = connection => {
    for (const track of media.getTracks()) {
      const sendEncodings = track.kind === 'video' && layers ? layers : [{}]
      const transceiver = connection.addTransceiver(track, { direction: 'sendonly', streams: [media], sendEncodings })
      if (track.kind === 'video' && codec) prefer(transceiver, codec)
    }
  }
  return begin({ url, token, prepare, change: only(over), again })
}

/**
 * Watches a participant. With `port`, through a relay that listens there. With `channel`, it asks for a data channel too.
 */
async function watch({ url, token, kinds = ['audio', 'video'], channel = false, port = null, over = null, again = false }) {
  const prepare = connection => {
    const stream = new MediaStream()
    if (channel) connection.createDataChannel('chat')
    connection.ontrack = ({ track, streams }) => {
      stream.addTrack(track)
      current.tracks.push(track.kind)
      for (const { id } of streams) current.streams.add(id)
    }
    for (const kind of kinds) connection.addTransceiver(kind, { direction: 'recvonly' })
    document.getElementById('screen').srcObject = stream
  }
  const change = port === null ? only(over) : answer => only('udp')(answer).replace(ADDRESS, `$1${port}$2`)
  return begin({ url, token, prepare, change, again })
}

/** Leaves of an answer's addresses those of one protocol: what a firewall does to the others. */
function only(protocol) {
  const other = line => line.startsWith('a=candidate:') && line.split(' ')[2].toLowerCase() !== protocol
  return answer => (protocol === null ? answer : answer.split('\r\n').filter(line => !other(line)).join('\r\n'))
}

/** Connects, and connects again whenever the connection is lost if `again` says so. */
async function begin(how) {
  wanted = how
  return join(how)
}

async function join(how) {
  const { url, token, prepare, change } = how
  const connection = new RTCPeerConnection()
  current = { connection, session: null, streams: new Set(), tracks: [] }
  prepare(connection)
  watchOver(connection, how)
  await connection.setLocalDescription()
  const reply = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' },
    body: connection.localDescription.sdp,
  })
  const body = await reply.text()
  if (reply.status === 406) return counter(how, reply, body)
  if (reply.status !== 201) {
    connection.close()
    current = null
    return { status: reply.status, body, retryAfterMs: Number(reply.headers.get('retry-after')) * 1_000 }
  }
  current.session = reply.headers.get('location')
  await connection.setRemoteDescription({ type: 'answer', sdp: change(body) })
  joined += 1
  return { status: 201, location: current.session, etag: reply.headers.get('etag'), answer: body }
}

/** Answers the offer that the server makes in place of what it was offered. */
async function counter({ token, change }, reply, offer) {
  const { connection } = current
  current.session = reply.headers.get('location')
  // What this page offered itself is off with that.
  await connection.setRemoteDescription({ type: 'offer', sdp: change(offer) })
  await connection.setLocalDescription()
  const taken = await fetch(current.session, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' },
    body: connection.localDescription.sdp,
  })
  joined += 1
  const etag = taken.headers.get('etag')
  return { status: 406, offer, taken: taken.status, body: await taken.text(), location: current.session, etag }
}

/** Sees when the connection is lost. The server's goodbye closes the transport, which closes no connection. */
function watchOver(connection, how) {
  const lost = () => {
    if (current?.connection !== connection) return
    current = null
    connection.close()
    if (how.again && wanted === how) rejoin(how)
  }
  connection.onconnectionstatechange = () => {
    if (['disconnected', 'failed', 'closed'].includes(connection.connectionState)) lost()
    for (const transport of transports(connection)) {
      transport.onstatechange = () => ['closed', 'failed'].includes(transport.state) && lost()
    }
  }
}

function transports(connection) {
  const ends = connection.getTransceivers().flatMap(({ sender, receiver }) => [sender.transport, receiver.transport])
  return new Set(ends.filter(transport => transport !== null))
}

async function rejoin(how) {
  while (wanted === how) {
    const { status, retryAfterMs } = await join(how).catch(() => ({ status: 0 }))
    if (status === 201) return
    current = null
    await new Promise(done => setTimeout(done, retryAfterMs || RETRY_MS))
  }
}

function prefer(transceiver, codec) {
  const all = RTCRtpSender.getCapabilities('video').codecs
  const first = all.filter(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`)
  if (first.length === 0) throw new Error(`this browser does not send ${codec}`)
  transceiver.setCodecPreferences([...first, ...all.filter(({ mimeType }) => mimeType === 'video/rtx')])
}

/** Leaves as a well-behaved client does: it deletes its session. */
async function leave() {
  const { connection, session } = current
  const { token } = wanted
  wanted = null
  current = null
  const reply = await fetch(session, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
  connection.close()
  return reply.status
}

/** What the connection counts of what comes in, by kind, and of each layer that goes out. */
async function look() {
  if (current === null) return { joined, state: 'none', sent: [] }
  const { connection, streams, tracks } = current
  const seen = { joined, state: connection.connectionState, sent: [], told: {}, streams: [...streams], tracks }
  const stats = await connection.getStats()
  for (const entry of stats.values()) {
    if (entry.type === 'transport') seen.over = protocol(stats, entry.selectedCandidatePairId)
    if (entry.type === 'inbound-rtp') seen[entry.kind] = entry
    if (entry.type === 'remote-outbound-rtp') seen.told[entry.kind] = entry.remoteTimestamp
    if (entry.type === 'outbound-rtp' && entry.kind === 'video') seen.sent.push(entry)
  }
  return seen
}

function protocol(stats, pair) {
  return stats.get(stats.get(pair)?.remoteCandidateId)?.protocol
}

/** Waits until as much came in as `audio` and `video` say, in a picture whose height is one of `heights`. */
async function see({ audio = {}, video = {}, heights = null, joins = 1, withinMs }) {
  const reached = (found, least) => Object.entries(least).every(([name, value]) => found?.[name] >= value)
  const fits = found => heights === null || heights.includes(found?.frameHeight)
  return until(
    withinMs,
    seen => seen.joined >= joins && reached(seen.audio, audio) && reached(seen.video, video) && fits(seen.video),
  )
}

/** Waits until each of the layers goes out, in its height. */
async function send({ layers, withinMs }) {
  const goes = ({ sent }, [rid, height]) =>
    sent.some(layer => layer.rid === rid && layer.frameHeight === height && layer.framesPerSecond > 0)
  return until(withinMs, seen => Object.entries(layers).every(layer => goes(seen, layer)))
}

/** Waits until there is no connection. */
async function lose({ withinMs }) {
  return until(withinMs, seen => seen.state === 'none')
}

async function until(withinMs, holds) {
  const deadline = performance.now() + withinMs
  while (true) {
    const seen = await look()
    if (holds(seen)) return seen
    if (performance.now() > deadline) throw new Error(`it did not come to pass: ${JSON.stringify(seen)}`)
    await new Promise(done => setTimeout(done, LOOK_MS))
  }
}

window.call = { publish, watch, leave, look, see, send, lose }
window.ready = true
