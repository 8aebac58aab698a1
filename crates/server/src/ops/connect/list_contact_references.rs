//! ListContactReferences: what a contact points to, of the kinds asked for (Amazon Connect API Reference,
//! *ListContactReferences*).

use switchboard_domain::chat::contact::{Reference, ReferenceType};
use switchboard_wire::connect::{
    AttachmentReference, DateReference, EmailMessageReference, EmailReference, InvalidRequestException,
    ListContactReferencesError, ListContactReferencesInput, ListContactReferencesOutput, NumberReference,
    ReferenceSummary, StringReference, UrlReference,
};

use super::{contacts, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// All of them, in the order of their names. AWS documents that there is never a second page.
pub(super) async fn list_contact_references(
    ctx: Ctx,
    input: ListContactReferencesInput,
) -> Result<ListContactReferencesOutput, Failure<ListContactReferencesError>> {
    let contact = ctx.read(|tx| contacts::contact(&ctx, tx, &input.instance_id, &input.contact_id))?;
    if input.next_token.is_some() {
        return Err(InvalidRequestException::new("NextToken is none that this operation gave out.").into());
    }
    let wanted = |kind: ReferenceType| input.reference_types.contains(&kind.on_wire());
    let found = contact.references.into_iter().filter(|(_, reference)| wanted(reference.kind));
    Ok(ListContactReferencesOutput {
        reference_summary_list: Some(found.filter_map(|(name, reference)| show(name, reference)).collect()),
        next_token: None,
    })
}

/// A reference under the member of its kind; an analysis has none.
fn show(name: String, Reference { kind, value }: Reference) -> Option<ReferenceSummary> {
    let (name, none) = (Some(name), ReferenceSummary::default());
    Some(match kind {
        ReferenceType::Url => ReferenceSummary { url: Some(UrlReference { name, value }), ..none },
        ReferenceType::Number => ReferenceSummary { number: Some(NumberReference { name, value }), ..none },
        ReferenceType::String => ReferenceSummary { string: Some(StringReference { name, value }), ..none },
        ReferenceType::Date => ReferenceSummary { date: Some(DateReference { name, value }), ..none },
        ReferenceType::Email => ReferenceSummary { email: Some(EmailReference { name, value }), ..none },
        ReferenceType::Attachment => ReferenceSummary {
            attachment: Some(AttachmentReference { name, value, ..AttachmentReference::default() }),
            ..none
        },
        ReferenceType::EmailMessage => ReferenceSummary { email_message: mail(name, value), ..none },
        ReferenceType::EmailMessageRedacted => ReferenceSummary { email_message_redacted: mail(name, value), ..none },
        ReferenceType::EmailMessagePlainText => {
            ReferenceSummary { email_message_plain_text: mail(name, value), ..none }
        }
        ReferenceType::EmailMessagePlainTextRedacted => {
            ReferenceSummary { email_message_plain_text_redacted: mail(name, value), ..none }
        }
        ReferenceType::ContactAnalysis => return None,
    })
}

fn mail(name: Option<String>, arn: Option<String>) -> Option<EmailMessageReference> {
    Some(EmailMessageReference { name, arn })
}
