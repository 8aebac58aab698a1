//! A client: a full WebRTC peer that publishes a camera and a microphone, or watches.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant, UNIX_EPOCH};

use str0m::bwe::Bitrate;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use crate::link::{Conditions, Link};
use crate::media::{Camera, read, read_moment, write_moment};
use crate::report::{Got, Report};

// Here, and not beside it: whoever uses clients without the tests needs no more than this file.
#[path = "tamper.rs"]
pub mod tamper;

/// A camera's layer on its way out.
#[derive(Debug)]
struct Feed {
    camera: Camera,
    rid: Option<Rid>,
    sequence: u64,
    timestamp: u32,
    next_at: Instant,
    on: bool,
}

/// One client.
pub struct Client {
    pub rtc: Rtc,
    pub address: SocketAddr,
    /// What a NAT makes of it.
    pub outside: Option<SocketAddr>,
    pub server: SocketAddr,
    pub up: Link,
    pub down: Link,
    pub deadline: Instant,
    pub events: Vec<String>,
    /// It does not look at what it gets.
    pub blind: bool,
    codec: Codec,
    audio: Option<Mid>,
    video: Option<Mid>,
    feeds: Vec<Feed>,
    audio_sequence: u64,
    audio_at: Instant,
    /// How large a packet of sound is, of 20 ms.
    pub sound_bytes: usize,
    /// How long its camera and its encoder take for a frame.
    pub films_for: Duration,
    talks: bool,
    pub video_got: BTreeMap<u64, Got>,
    pub audio_got: BTreeMap<u64, Instant>,
    /// What the server's reports said of packets that came.
    pub dates: Vec<Dated>,
    pending: Option<SdpPendingOffer>,
    looked_at: Instant,
}

/// What a packet's timestamp means by the last report of its stream.
#[derive(Clone, Copy, Debug)]
pub struct Dated {
    pub came: Instant,
    pub is_sound: bool,
    pub is_key: bool,
    /// When it was filmed or said.
    pub taken: Instant,
    /// The same, as the report has it.
    pub told: Duration,
}

/// The usual intervals between reports, of sound and of picture.
pub const REPORTS_S: (u64, u64) = (5, 1);

/// How a client is made.
pub struct Setup {
    pub codec: Codec,
    pub conditions: Conditions,
    pub audio: bool,
    /// A publisher's layers: rid and camera.
    pub layers: Vec<(Option<&'static str>, Camera)>,
    /// The intervals between reports, of sound and of picture.
    pub reports_s: (u64, u64),
}

fn config(codec: Codec, (sound_s, picture_s): (u64, u64)) -> RtcConfig {
    let config = RtcConfig::new()
        .set_rtcp_report_interval_audio(Duration::from_secs(sound_s))
        .set_rtcp_report_interval_video(Duration::from_secs(picture_s))
        .set_crypto_provider(tamper::provider())
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false);
    match codec {
        Codec::H264 => config.enable_h264(true),
        Codec::Vp9 => config.enable_vp9(true),
        Codec::Av1 => config.enable_av1(true),
        _ => config.enable_vp8(true),
    }
}

impl Client {
    /// A client and its offer.
    pub fn new(now: Instant, address: SocketAddr, server: SocketAddr, setup: Setup) -> (Self, String) {
        let mut rtc = config(setup.codec, setup.reports_s).build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("a host candidate"));
        let publishes = !setup.layers.is_empty();
        let direction = if publishes { Direction::SendOnly } else { Direction::RecvOnly };
        let mut change = rtc.sdp_api();
        let audio = setup.audio.then(|| change.add_media(MediaKind::Audio, direction, None, None, None));
        let rids: Vec<_> = setup.layers.iter().filter_map(|(rid, _)| *rid).collect();
        let simulcast = (!rids.is_empty()).then(|| {
            let send = rids.iter().map(|rid| SimulcastLayer::new(rid)).collect();
            Simulcast { send, recv: vec![] }
        });
        let video = Some(change.add_media(MediaKind::Video, direction, None, None, simulcast));
        let (offer, pending) = change.apply().expect("something to offer");
        let feed = |(place, (rid, camera)): (usize, (Option<&str>, Camera))| Feed {
            camera,
            rid: rid.map(Rid::from),
            sequence: 60_000 + place as u64 * 1_000,
            timestamp: 4_294_900_000_u32.wrapping_add(place as u32 * 1_000_000),
            next_at: now,
            on: true,
        };
        let client = Self {
            rtc,
            address,
            outside: None,
            server,
            up: Link::new(setup.conditions),
            down: Link::new(setup.conditions),
            deadline: now,
            events: Vec::new(),
            blind: false,
            codec: setup.codec,
            audio,
            video,
            feeds: setup.layers.into_iter().enumerate().map(feed).collect(),
            audio_sequence: 65_000,
            audio_at: now,
            sound_bytes: 160,
            films_for: Duration::ZERO,
            talks: publishes && setup.audio,
            video_got: BTreeMap::new(),
            audio_got: BTreeMap::new(),
            dates: Vec::new(),
            pending: Some(pending),
            looked_at: now,
        };
        (client, offer.to_sdp_string())
    }

    /// Takes the server's answer.
    pub fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).expect("the answer is SDP");
        let pending = self.pending.take().expect("an offer was made");
        self.rtc.sdp_api().accept_answer(pending, answer).expect("the answer fits the offer");
    }

    /// Answers an offer of the server's in place of making one. Gives the answer.
    pub fn answer(&mut self, now: Instant, offer: &str) -> String {
        self.rtc = config(self.codec, REPORTS_S).build(now);
        self.rtc.add_local_candidate(Candidate::host(self.address, "udp").expect("a host candidate"));
        let mid = |kind: &str| {
            let section = offer.split("m=").find(|section| section.starts_with(kind))?;
            section.lines().find_map(|line| line.strip_prefix("a=mid:")).map(Mid::from)
        };
        (self.audio, self.video, self.pending) = (mid("audio"), mid("video"), None);
        let offer = SdpOffer::from_sdp_string(offer).expect("the offer is SDP");
        self.rtc.sdp_api().accept_offer(offer).expect("a good offer").to_sdp_string()
    }

    /// Makes an offer that restarts ICE.
    pub fn restart_ice(&mut self) -> String {
        let mut change = self.rtc.sdp_api();
        change.ice_restart(true);
        let (offer, pending) = change.apply().expect("a restart to offer");
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// Switches a layer of the camera on or off.
    pub fn set_layer(&mut self, place: usize, on: bool) {
        let feed = &mut self.feeds[place];
        feed.on = on;
        feed.camera.want_key();
    }

    pub fn camera(&mut self, place: usize) -> &mut Camera {
        &mut self.feeds[place].camera
    }

    /// Takes in a datagram.
    pub fn receive(&mut self, now: Instant, contents: &[u8]) {
        let Ok(receive) = Receive::new(Protocol::Udp, self.server, self.address, contents) else { return };
        self.rtc.handle_input(Input::Receive(now, receive)).expect("a client takes what its server sends");
        self.deadline = now;
    }

    /// Sends what is due and takes out what there is.
    pub fn poll(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) {
        if self.rtc.is_connected() {
            self.film(now);
            self.talk(now);
            self.ask_when_blind(now);
        }
        if now < self.deadline {
            return;
        }
        tamper::sending(self.address);
        self.rtc.handle_input(Input::Timeout(now)).expect("time passes");
        let mut idle = 0;
        loop {
            match self.rtc.poll_output().expect("a client goes on") {
                Output::Transmit(transmit) => out.push(transmit.contents.to_vec()),
                Output::Event(event) => self.hear(now, event),
                Output::Timeout(deadline) if deadline > now || idle == 8 => {
                    self.deadline = deadline.max(now + Duration::from_millis(1));
                    return;
                }
                Output::Timeout(_) => {
                    idle += 1;
                    self.rtc.handle_input(Input::Timeout(now)).expect("time passes");
                }
            }
        }
    }

    fn film(&mut self, now: Instant) {
        let Some(mid) = self.video else { return };
        let pt = self.payload_type(mid, self.codec);
        let films_for = self.films_for;
        for feed in self.feeds.iter_mut().filter(|feed| feed.next_at + films_for <= now) {
            let interval = Duration::from_nanos(1_000_000_000 / feed.camera.frames_per_second);
            // A camera keeps its pace, whenever it is asked; what it films before it is connected is for nobody.
            let at = if feed.next_at + films_for + interval > now { feed.next_at } else { now - films_for };
            feed.next_at = at + interval;
            feed.timestamp = feed.timestamp.wrapping_add((90_000 / feed.camera.frames_per_second) as u32);
            if !feed.on {
                continue;
            }
            let payloads = feed.camera.shoot(at);
            let last = payloads.len() - 1;
            let mut direct = self.rtc.direct_api();
            let stream = direct.stream_tx_by_mid(mid, feed.rid).expect("the stream was offered");
            for (index, payload) in payloads.into_iter().enumerate() {
                let write = RtpWrite::new(pt, feed.sequence.into(), feed.timestamp, at, payload);
                stream.write_rtp(write.marker(index == last).nackable(true));
                feed.sequence += 1;
            }
            self.deadline = now;
        }
    }

    fn talk(&mut self, now: Instant) {
        let (Some(mid), true) = (self.audio.filter(|_| self.talks), self.audio_at <= now) else { return };
        let pt = self.payload_type(mid, Codec::Opus);
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, None).expect("the stream was offered");
        let timestamp = (self.audio_sequence as u32).wrapping_mul(960);
        let mut sound = vec![0x78; self.sound_bytes];
        sound[1..9].copy_from_slice(&write_moment(now));
        stream.write_rtp(RtpWrite::new(pt, self.audio_sequence.into(), timestamp, now, sound));
        self.audio_sequence += 1;
        self.audio_at = now + Duration::from_millis(20);
        self.deadline = now;
    }

    /// What every client does whose picture stands still although packets come: it asks for a key frame.
    fn ask_when_blind(&mut self, now: Instant) {
        if now < self.looked_at + Duration::from_millis(500) {
            return;
        }
        self.looked_at = now;
        let lately = |at: Instant| now < at + Duration::from_millis(400);
        let comes = self.video_got.values().next_back().is_some_and(|got| lately(got.at));
        if !comes || self.report().frames.last().is_some_and(|frame| lately(frame.at)) {
            return;
        }
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = self.video.and_then(|mid| direct.stream_rx_by_mid(mid, None)) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            self.deadline = now;
        }
    }

    /// Says how much it can take, as clients do that do not report which packets came when.
    pub fn tell_bitrate(&mut self, bits_per_second: u64) {
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = self.video.and_then(|mid| direct.stream_rx_by_mid(mid, None)) {
            stream.request_remb(Bitrate::from(bits_per_second));
        }
    }

    fn payload_type(&self, mid: Mid, codec: Codec) -> Pt {
        let accepted = self.rtc.media(mid).expect("the line was offered").remote_pts();
        let params = self.rtc.codec_config().params().iter();
        let mut fitting = params.filter(|params| params.spec().codec == codec && accepted.contains(&params.pt()));
        fitting.next().expect("the codec was accepted").pt()
    }

    fn hear(&mut self, now: Instant, event: Event) {
        match event {
            Event::RtpPacket(packet) if !self.blind => self.got(now, &packet),
            Event::KeyframeRequest(request) => {
                for feed in self.feeds.iter_mut().filter(|feed| feed.rid == request.rid) {
                    feed.camera.want_key();
                }
                self.events.push("KeyframeRequest".into());
            }
            Event::Connected => self.events.push("Connected".into()),
            Event::Closed => self.events.push("Closed".into()),
            _ => {}
        }
    }

    fn got(&mut self, now: Instant, packet: &RtpPacket) {
        let sequence = *packet.seq_no;
        let params = self.rtc.codec_config().params().iter().find(|params| params.pt() == packet.header.payload_type);
        let is_sound = params.is_some_and(|params| params.spec().codec == Codec::Opus);
        self.date(now, is_sound, packet);
        if is_sound {
            assert!(self.audio_got.insert(sequence, now).is_none(), "sound {sequence} came twice");
            return;
        }
        let (stamp, numbers) = read(self.codec, &packet.payload).expect("a packet of our camera");
        let got = Got { at: now, timestamp: packet.header.timestamp, marker: packet.header.marker, stamp, numbers };
        assert!(self.video_got.insert(sequence, got).is_none(), "picture {sequence} came twice");
    }

    /// Reads a packet's timestamp by the last report.
    fn date(&mut self, came: Instant, is_sound: bool, packet: &RtpPacket) {
        let Some(report) = packet.last_sender_info else { return };
        let filmed = read(self.codec, &packet.payload).filter(|_| !is_sound).map(|(stamp, _)| stamp);
        let taken = filmed.map_or_else(|| read_moment(&packet.payload[1..]), |stamp| Some(stamp.at));
        let is_key = filmed.is_some_and(|stamp| stamp.key);
        let rate = if is_sound { 48_000.0 } else { 90_000.0 };
        let ticks = packet.header.timestamp.wrapping_sub(report.rtp_time.numer() as u32) as i32;
        let wall = report.ntp_time.duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
        let told = Duration::from_secs_f64(wall + f64::from(ticks) / rate);
        self.dates.extend(taken.map(|taken| Dated { came, is_sound, is_key, taken, told }));
    }

    pub fn report(&self) -> Report {
        Report::of(&self.video_got)
    }

    /// Sound that came in some time.
    pub fn audio_between(&self, from: Instant, to: Instant) -> usize {
        self.audio_got.values().filter(|at| (from..to).contains(*at)).count()
    }
}
