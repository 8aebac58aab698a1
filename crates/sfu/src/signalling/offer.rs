//! An offer as it came over HTTP, or an answer to one of ours: checked here first, so that a client hears in plain words
//! what is wrong with it.
//!
//! The one rule: whatever the text is, the answer is a value of [`OfferError`] or an offer that says exactly what this
//! server does: one connection for everything, at most one sound and one picture, flowing one way. Nothing of the text
//! and nothing of the WebRTC library's own words comes back in an error.
//!
//! Sources: RFC 9725 §4 (WHIP: directions, tracks, BUNDLE, rtcp-mux), draft-ietf-wish-whep (WHEP, and what may be answered
//! to a counter-offer), RFC 3264 §6 (answers), RFC 8866 (SDP), RFC 8839 (ICE in SDP), RFC 8843 (BUNDLE); Amazon IVS user guide, "Stream Ingest" (an H.264 line in every offer).

use crate::packet::Kind;
use crate::policy::Limits;

/// An offer of a browser is 4 to 12 KB.
const MOST_BYTES: usize = 64 * 1024;
const MOST_LINES: usize = 2_000;
/// Simulcast layers of one picture; IVS allows no more.
const MOST_LAYERS: usize = 3;

/// Why an offer, or an answer, was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// Longer than any client's.
    #[error("the session description is too large")]
    TooLarge,
    /// Not SDP.
    #[error("the body is not a session description")]
    NotSdp,
    /// SDP, but not one that can be understood.
    #[error("the session description cannot be understood")]
    Malformed,
    /// No audio and no video.
    #[error("the session description has neither audio nor video")]
    NoMedia,
    /// More than one of a kind.
    #[error("the session description has more than one audio or more than one video track")]
    TooManyTracks,
    /// More than three layers.
    #[error("the session description has more than three simulcast layers")]
    TooManyLayers,
    /// A data channel or something else.
    #[error("the session description has a section that is neither audio nor video")]
    UnsupportedSection,
    /// A publisher that only receives, or a viewer that only sends.
    #[error("the direction of the media does not fit this endpoint")]
    Direction,
    /// Media on connections of their own.
    #[error("the session description must bundle all media on one connection")]
    NotBundled,
    /// RTCP on a port of its own.
    #[error("the session description must multiplex RTCP with RTP")]
    NoRtcpMux,
    /// No ICE credentials, or ones that break the rules.
    #[error("the session description has no valid ICE credentials")]
    IceCredentials,
    /// No fingerprint of a certificate.
    #[error("the session description has no certificate fingerprint")]
    NoFingerprint,
    /// No DTLS role.
    #[error("the session description names no DTLS role")]
    Setup,
    /// Nothing that is forwarded here.
    #[error("the session description has no codec that is supported here")]
    NoCodec,
    /// A viewer that asks for no more than what its publisher does not send.
    #[error("the publisher sends nothing of what the offer asks for")]
    NothingToSend,
    /// An answer with other sections than the offer.
    #[error("the answer does not fit the offer")]
    Mismatch,
    /// Strict mode: no H.264.
    #[error("the session description must have an H.264 video section")]
    H264Required,
}

impl OfferError {
    /// Whether the text is at fault rather than what it asks for: 400 rather than 422.
    pub fn is_syntax(self) -> bool {
        matches!(self, Self::TooLarge | Self::NotSdp | Self::Malformed)
    }

    /// Whether whoever offered this may be able to play if it is asked to: it speaks SDP, ICE and DTLS, and only offered in a
    /// way that cannot be answered.
    // AWS does not say: which offers are countered. The draft of WHEP leaves it to the server; an error that tells of a
    // client that is broken stays an error.
    // AWS does not say: whether an offer is countered that can be answered in part. It is not: players offer all that they
    // can take, so that nothing would be gained by asking, and those that know no counter-offers would have nothing.
    pub fn can_be_countered(self) -> bool {
        match self {
            Self::NoMedia | Self::TooManyTracks | Self::UnsupportedSection | Self::Direction => true,
            Self::NotBundled | Self::NoRtcpMux | Self::NoCodec | Self::NothingToSend => true,
            Self::TooLarge | Self::NotSdp | Self::Malformed | Self::TooManyLayers | Self::IceCredentials => false,
            Self::NoFingerprint | Self::Setup | Self::H264Required | Self::Mismatch => false,
        }
    }
}

/// Which way the media flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// From the client: WHIP.
    Publisher,
    /// To the client: WHEP.
    Viewer,
    /// To the client, which answers an offer of ours: WHEP with a counter-offer.
    Asked,
}

/// One `m=` section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    pub(crate) mid: String,
    /// The simulcast layers that are offered, in the order of the offer.
    pub(crate) layers: Vec<String>,
}

/// An offer that passed, or an answer.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    lines: Vec<String>,
    pub(crate) ufrag: String,
    pub(crate) sections: Vec<Section>,
}

/// What is gathered about one section, or about the session before the first.
#[derive(Debug, Default)]
struct Block<'a> {
    header: Option<&'a str>,
    lines: Vec<&'a str>,
}

impl<'a> Block<'a> {
    fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes(name).next()
    }

    fn attributes<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a str> + 'b {
        self.lines.iter().filter_map(move |line| {
            let rest = line.strip_prefix("a=")?.strip_prefix(name)?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
        })
    }

    fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    fn kind(&self) -> Option<Kind> {
        match self.header?.strip_prefix("m=")?.split(' ').next()? {
            "audio" => Some(Kind::Audio),
            "video" => Some(Kind::Video),
            _ => None,
        }
    }
}

impl Offer {
    /// Reads and checks an offer.
    pub(crate) fn parse(text: &str, side: Side, limits: &Limits) -> Result<Self, OfferError> {
        Self::check(&blocks(text)?, side, limits)
    }

    /// Reads and checks an answer to an offer of ours, which had these sections.
    pub(crate) fn parse_answer(text: &str, asked: &[(Kind, String)]) -> Result<Self, OfferError> {
        let blocks = blocks(text)?;
        let all = blocks.get(1..).unwrap_or_default();
        let fits = |(block, (kind, mid)): (&Block<'_>, &(Kind, String))| {
            block.kind() == Some(*kind) && block.attribute("mid") == Some(mid)
        };
        if all.len() != asked.len() || !all.iter().zip(asked).all(fits) {
            return Err(OfferError::Mismatch);
        }
        Self::check(&blocks, Side::Asked, &Limits::default())
    }

    fn check(blocks: &[Block<'_>], side: Side, limits: &Limits) -> Result<Self, OfferError> {
        let (session, all) = blocks.split_first().ok_or(OfferError::NotSdp)?;
        let group = bundle_group(session);
        let active: Vec<&Block<'_>> = all.iter().filter(|block| !is_unwanted(block, side, &group)).collect();
        check_session(session, &active, side)?;
        let mut sections = Vec::new();
        for block in &active {
            sections.push(check_section(block, side)?);
        }
        check_tracks(&sections)?;
        check_bundle(&sections, all.len(), &group)?;
        if side == Side::Publisher && limits.ivs_codecs_only && !active.iter().any(|block| offers(block, &["h264"])) {
            return Err(OfferError::H264Required);
        }
        let ufrag = credentials(session, &active)?;
        let lines = normalise(blocks, side, &group, &sections);
        Ok(Self { lines, ufrag, sections })
    }

    /// The text that is given to the WebRTC library.
    pub(crate) fn text(&self) -> String {
        let mut text = self.lines.join("\r\n");
        text.push_str("\r\n");
        text
    }

    /// The same offer with other ICE credentials: what a client would send to restart ICE.
    pub(crate) fn with_credentials(&self, ufrag: &str, password: &str) -> Self {
        let replace = |line: &String| match line {
            line if line.starts_with("a=ice-ufrag:") => format!("a=ice-ufrag:{ufrag}"),
            line if line.starts_with("a=ice-pwd:") => format!("a=ice-pwd:{password}"),
            line => line.clone(),
        };
        Self {
            lines: self.lines.iter().map(replace).collect(),
            ufrag: ufrag.to_owned(),
            sections: self.sections.clone(),
        }
    }
}

/// The session's lines, then those of each section.
fn blocks(text: &str) -> Result<Vec<Block<'_>>, OfferError> {
    if text.len() > MOST_BYTES {
        return Err(OfferError::TooLarge);
    }
    if !text.starts_with("v=0") {
        return Err(OfferError::NotSdp);
    }
    let mut blocks = vec![Block::default()];
    for (number, line) in text.lines().map(str::trim_end).filter(|line| !line.is_empty()).enumerate() {
        if number == MOST_LINES {
            return Err(OfferError::TooLarge);
        }
        let well_formed = line.as_bytes().get(1) == Some(&b'=') && !line.contains(char::is_control);
        if !well_formed {
            return Err(OfferError::Malformed);
        }
        if line.starts_with("m=") {
            blocks.push(Block { header: Some(line), lines: Vec::new() });
        } else if let Some(block) = blocks.last_mut() {
            block.lines.push(line);
        }
    }
    Ok(blocks)
}

fn bundle_group<'a>(session: &Block<'a>) -> Vec<&'a str> {
    session
        .attributes("group")
        .find_map(|group| group.strip_prefix("BUNDLE"))
        .map(|mids| mids.split_ascii_whitespace().collect())
        .unwrap_or_default()
}

/// Port 0 is a section that the client does not want, unless it shares the connection of another.
fn is_rejected(block: &Block<'_>, group: &[&str]) -> bool {
    let port = block.header.and_then(|header| header.split_ascii_whitespace().nth(1));
    port == Some("0") && !block.attribute("mid").is_some_and(|mid| group.contains(&mid))
}

/// Who answers may also leave a section as it is and want nothing of it.
fn is_unwanted(block: &Block<'_>, side: Side, group: &[&str]) -> bool {
    is_rejected(block, group) || side == Side::Asked && block.has("inactive")
}

fn check_session(session: &Block<'_>, active: &[&Block<'_>], side: Side) -> Result<(), OfferError> {
    if active.is_empty() {
        return Err(OfferError::NoMedia);
    }
    let everywhere = |name: &str| session.has(name) || active.iter().any(|block| block.has(name));
    if !everywhere("fingerprint") {
        return Err(OfferError::NoFingerprint);
    }
    let setups = active.iter().chain(std::iter::once(&session)).filter_map(|block| block.attribute("setup"));
    // RFC 9725 §4.2 knows no client that is the DTLS server, but ffmpeg's is one.
    let allowed = |setup| matches!(setup, "active" | "passive") || setup == "actpass" && side != Side::Asked;
    if !setups.into_iter().all(allowed) {
        return Err(OfferError::Setup);
    }
    if active.iter().any(|block| !block.has("rtcp-mux")) {
        return Err(OfferError::NoRtcpMux);
    }
    Ok(())
}

fn check_section(block: &Block<'_>, side: Side) -> Result<Section, OfferError> {
    let kind = block.kind().ok_or(OfferError::UnsupportedSection)?;
    let codecs: &[&str] = match kind {
        Kind::Audio => &["opus"],
        Kind::Video => &["h264", "vp8", "vp9", "av1"],
    };
    let mid = block.attribute("mid").filter(|mid| is_plain(mid, 16)).ok_or(OfferError::Malformed)?;
    let illegal: [&str; 2] = match side {
        Side::Publisher => ["recvonly", "inactive"],
        Side::Viewer => ["sendonly", "inactive"],
        // RFC 3264 §6.1: who is offered `sendonly` receives or does nothing.
        Side::Asked => ["sendonly", "sendrecv"],
    };
    if illegal.iter().any(|direction| block.has(direction)) {
        return Err(OfferError::Direction);
    }
    if !offers(block, codecs) {
        return Err(OfferError::NoCodec);
    }
    let layers = simulcast(block, side);
    if layers.len() > MOST_LAYERS {
        return Err(OfferError::TooManyLayers);
    }
    if !layers.iter().all(|layer| is_plain(layer, 8)) {
        return Err(OfferError::Malformed);
    }
    Ok(Section { kind, mid: mid.to_owned(), layers })
}

/// The library keeps names in so many letters and digits and no others.
fn is_plain(name: &str, most: usize) -> bool {
    (1..=most).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether one of the codecs is in the section.
fn offers(block: &Block<'_>, codecs: &[&str]) -> bool {
    block.attributes("rtpmap").any(|rtpmap| {
        let name = rtpmap.split_once(' ').map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
        codecs.iter().any(|codec| name.trim().eq_ignore_ascii_case(codec))
    })
}

/// `a=simulcast:send hi;mid;low`, where `~` marks a layer that starts paused and a comma separates alternatives.
fn simulcast(block: &Block<'_>, side: Side) -> Vec<String> {
    if side != Side::Publisher {
        return Vec::new();
    }
    let mut words = block.attribute("simulcast").unwrap_or_default().split_ascii_whitespace();
    let list = words.by_ref().skip_while(|word| *word != "send").nth(1).unwrap_or_default();
    let first = |layer: &str| layer.split(',').next().unwrap_or_default().trim_start_matches('~').to_owned();
    list.split(';').map(first).filter(|rid| !rid.is_empty()).collect()
}

fn check_tracks(sections: &[Section]) -> Result<(), OfferError> {
    let count = |kind: Kind| sections.iter().filter(|section| section.kind == kind).count();
    if count(Kind::Audio) > 1 || count(Kind::Video) > 1 {
        return Err(OfferError::TooManyTracks);
    }
    Ok(())
}

fn check_bundle(sections: &[Section], offered: usize, group: &[&str]) -> Result<(), OfferError> {
    let alone = offered == 1 && group.is_empty();
    if alone || sections.iter().all(|section| group.contains(&section.mid.as_str())) {
        return Ok(());
    }
    Err(OfferError::NotBundled)
}

fn credentials(session: &Block<'_>, active: &[&Block<'_>]) -> Result<String, OfferError> {
    let find = |name: &str| {
        let in_sections = || active.iter().find_map(|block| block.attribute(name));
        session.attribute(name).or_else(in_sections).ok_or(OfferError::IceCredentials)
    };
    let (ufrag, password) = (find("ice-ufrag")?, find("ice-pwd")?);
    check_credentials(ufrag, password).ok_or(OfferError::IceCredentials)?;
    Ok(ufrag.to_owned())
}

/// RFC 8839 §5.4: 4 to 256 and 22 to 256 characters. Its alphabet has no `-` or `_`, but some clients use them.
pub(crate) fn check_credentials(ufrag: &str, password: &str) -> Option<()> {
    let allowed = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    let sizes = (4..=256).contains(&ufrag.len()) && (22..=256).contains(&password.len());
    (sizes && allowed(ufrag) && allowed(password)).then_some(())
}

const DIRECTIONS: [&str; 4] = ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"];

/// Writes the offer anew: one way only, in one bundle, without addresses. An ICE-lite server never calls the client;
/// it learns the client's address from the client's checks, so that a list of strangers' addresses can do no harm.
fn normalise(blocks: &[Block<'_>], side: Side, group: &[&str], sections: &[Section]) -> Vec<String> {
    let mut lines = Vec::new();
    let direction = if side == Side::Publisher { "a=sendonly" } else { "a=recvonly" };
    for block in blocks {
        lines.extend(block.header.map(str::to_owned));
        let rejected = block.header.is_some() && is_unwanted(block, side, group);
        for line in &block.lines {
            let address = line.starts_with("a=candidate:") || *line == "a=end-of-candidates";
            let sender = ["a=simulcast:", "a=rid:", "a=ssrc:", "a=ssrc-group:"];
            let senders = side != Side::Publisher && sender.iter().any(|start| line.starts_with(start));
            if !address && !senders && (rejected || !DIRECTIONS.contains(line)) {
                lines.push((*line).to_owned());
            }
        }
        match block.header {
            Some(_) if !rejected => lines.push(direction.to_owned()),
            None if group.is_empty() => {
                lines.extend(sections.first().map(|only| format!("a=group:BUNDLE {}", only.mid)))
            }
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
