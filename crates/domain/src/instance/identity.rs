//! How the users of an instance sign in, and the names that this gives it.
//!
//! The one rule: an [`Identity`] that exists is a valid one. SAML and Connect-managed instances go by an alias; one
//! with an existing directory goes by that directory. Facts: *CreateInstance* and *Plan your identity management*.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{InstanceId, words::words};

/// The longest alias, in characters.
const ALIAS_MAX: usize = 45;

words! {
    /// `IdentityManagementType`.
    IdentityManagementType {
        Saml = "SAML",
        ConnectManaged = "CONNECT_MANAGED",
        ExistingDirectory = "EXISTING_DIRECTORY",
    }
}

/// The name of an instance: letters, digits and inner hyphens, not beginning with `d-` as directories do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Alias(String);

/// The id of a directory: `d-` and ten hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DirectoryId(String);

/// How users sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Identity {
    /// Through a SAML 2.0 identity provider.
    Saml {
        /// The name of the instance.
        alias: Alias,
    },
    /// With names and passwords kept in the instance.
    ConnectManaged {
        /// The name of the instance.
        alias: Alias,
    },
    /// Through a directory that exists already.
    ExistingDirectory {
        /// That directory.
        directory_id: DirectoryId,
        /// The name of the instance, if it has one besides.
        alias: Option<Alias>,
    },
}

/// A name that only one instance may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// An alias.
    ///
    /// AWS does not say: whether case tells two apart. It does not here, since an alias becomes part of a host name.
    Alias(String),
    /// A directory.
    Directory(String),
}

/// The row of a [`Claim`]: who has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedBy {
    /// The instance that goes by it.
    pub instance_id: InstanceId,
}

/// The members that name an instance do not fit together: an `InvalidRequestException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// No alias where one is needed.
    #[error("InstanceAlias is required when IdentityManagementType is {0}.")]
    AliasRequired(IdentityManagementType),
    /// Not the form of an alias.
    #[error(
        "InstanceAlias must be 1 to {ALIAS_MAX} letters, digits and inner hyphens, and must not begin with \"d-\"."
    )]
    AliasForm,
    /// No directory where one is needed.
    #[error("DirectoryId is required when IdentityManagementType is EXISTING_DIRECTORY.")]
    DirectoryRequired,
    /// A directory where none is used.
    #[error("DirectoryId can only be given when IdentityManagementType is EXISTING_DIRECTORY, not {0}.")]
    DirectoryNotUsed(IdentityManagementType),
    /// Not the form of a directory's id.
    #[error("DirectoryId must be \"d-\" and ten lower-case hexadecimal digits.")]
    DirectoryForm,
    /// Another instance has the alias.
    #[error("Invalid Input. Instance alias is already used.")]
    AliasTaken,
    /// Another instance has the directory.
    #[error("Invalid Input. The directory is already used by another instance.")]
    DirectoryTaken,
}

impl Alias {
    /// Reads an alias.
    ///
    /// # Errors
    /// [`IdentityError::AliasForm`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let fits = (1..=ALIAS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.starts_with("d-");
        if fits { Ok(Self(text.to_owned())) } else { Err(IdentityError::AliasForm) }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DirectoryId {
    /// Reads the id of a directory.
    ///
    /// # Errors
    /// [`IdentityError::DirectoryForm`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let fits = text.strip_prefix("d-").is_some_and(|id| id.len() == 10 && id.bytes().all(is_digit));
        if fits { Ok(Self(text.to_owned())) } else { Err(IdentityError::DirectoryForm) }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Identity {
    /// The identity that the members of `CreateInstance` describe.
    ///
    /// # Errors
    /// [`IdentityError`] names the member that is missing, out of place or out of form.
    pub fn new(
        kind: IdentityManagementType,
        alias: Option<&str>,
        directory_id: Option<&str>,
    ) -> Result<Self, IdentityError> {
        let alias = alias.map(Alias::parse).transpose()?;
        let directory_id = directory_id.map(DirectoryId::parse).transpose()?;
        if kind == IdentityManagementType::ExistingDirectory {
            let directory_id = directory_id.ok_or(IdentityError::DirectoryRequired)?;
            return Ok(Self::ExistingDirectory { directory_id, alias });
        }
        // AWS does not say: what becomes of a directory where none is used. Ours refuses it, since keeping quiet would
        // hide a wrong IdentityManagementType.
        if directory_id.is_some() {
            return Err(IdentityError::DirectoryNotUsed(kind));
        }
        let alias = alias.ok_or(IdentityError::AliasRequired(kind))?;
        match kind {
            IdentityManagementType::Saml => Ok(Self::Saml { alias }),
            _ => Ok(Self::ConnectManaged { alias }),
        }
    }

    /// `IdentityManagementType`.
    #[must_use]
    pub const fn management_type(&self) -> IdentityManagementType {
        match self {
            Self::Saml { .. } => IdentityManagementType::Saml,
            Self::ConnectManaged { .. } => IdentityManagementType::ConnectManaged,
            Self::ExistingDirectory { .. } => IdentityManagementType::ExistingDirectory,
        }
    }

    /// `InstanceAlias`.
    #[must_use]
    pub const fn alias(&self) -> Option<&Alias> {
        match self {
            Self::Saml { alias } | Self::ConnectManaged { alias } => Some(alias),
            Self::ExistingDirectory { alias, .. } => alias.as_ref(),
        }
    }

    /// `DirectoryId`.
    #[must_use]
    pub fn directory_id(&self) -> Option<&str> {
        match self {
            Self::ExistingDirectory { directory_id, .. } => Some(directory_id.as_str()),
            Self::Saml { .. } | Self::ConnectManaged { .. } => None,
        }
    }

    /// The names that no other instance may have while this one exists.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        let alias = self.alias().map(|alias| Claim::Alias(alias.as_str().to_ascii_lowercase()));
        let directory = self.directory_id().map(|id| Claim::Directory(id.to_owned()));
        alias.into_iter().chain(directory).collect()
    }
}

impl Claim {
    /// What to answer when another instance has the name.
    #[must_use]
    pub const fn taken(&self) -> IdentityError {
        match self {
            Self::Alias(_) => IdentityError::AliasTaken,
            Self::Directory(_) => IdentityError::DirectoryTaken,
        }
    }
}

impl fmt::Display for Claim {
    /// The key of the row that holds the claim.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(name) => write!(f, "alias/{name}"),
            Self::Directory(id) => write!(f, "directory/{id}"),
        }
    }
}
