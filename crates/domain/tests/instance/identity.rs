use switchboard_domain::instance::{
    Alias, Claim, DirectoryId, Identity, IdentityError, IdentityManagementType as Kind, Instance, NewInstance,
};

use crate::{NOW, home, ids};

const DIRECTORY: &str = "d-0123456789";

fn instance(identity: Identity) -> Instance {
    Instance::create(NewInstance { identity, inbound_calls: true, outbound_calls: true }, NOW, 0, &mut ids())
}

#[test]
fn an_alias_is_letters_digits_and_inner_hyphens() {
    let longest = "a".repeat(45);
    for good in ["a", "9", "My-Centre", "a--b", "d", "dd-1", "D-1", longest.as_str()] {
        assert_eq!(Alias::parse(good).map(|alias| alias.as_str().to_owned()), Ok(good.to_owned()));
    }
    let too_long = "a".repeat(46);
    for bad in ["", "-a", "a-", "d-a", "d-0123456789", "a b", "a_b", "a.b", "é", too_long.as_str()] {
        assert_eq!(Alias::parse(bad), Err(IdentityError::AliasForm), "{bad}");
    }
}

#[test]
fn a_directory_is_ten_hexadecimal_digits() {
    assert!(DirectoryId::parse(DIRECTORY).is_ok());
    assert!(DirectoryId::parse("d-abcdefabcd").is_ok());
    for bad in ["", "d-", "d-012345678", "d-01234567890", "d-ABCDEFABCD", "0123456789", "x-0123456789", "d-012345678g"]
    {
        assert_eq!(DirectoryId::parse(bad), Err(IdentityError::DirectoryForm), "{bad}");
    }
}

#[test]
fn saml_and_connect_managed_go_by_an_alias() {
    for kind in [Kind::Saml, Kind::ConnectManaged] {
        let identity = Identity::new(kind, Some("centre"), None).unwrap();
        assert_eq!(identity.management_type(), kind);
        assert_eq!(identity.alias().map(Alias::as_str), Some("centre"));
        assert_eq!(identity.directory_id(), None);

        assert_eq!(Identity::new(kind, None, None), Err(IdentityError::AliasRequired(kind)));
        assert_eq!(Identity::new(kind, Some("centre"), Some(DIRECTORY)), Err(IdentityError::DirectoryNotUsed(kind)));
        assert_eq!(Identity::new(kind, Some("-"), None), Err(IdentityError::AliasForm));
    }
}

#[test]
fn an_existing_directory_needs_no_alias() {
    let kind = Kind::ExistingDirectory;
    let plain = Identity::new(kind, None, Some(DIRECTORY)).unwrap();
    assert_eq!((plain.management_type(), plain.alias(), plain.directory_id()), (kind, None, Some(DIRECTORY)));
    let named = Identity::new(kind, Some("centre"), Some(DIRECTORY)).unwrap();
    assert_eq!(named.alias().map(Alias::as_str), Some("centre"));

    assert_eq!(Identity::new(kind, Some("centre"), None), Err(IdentityError::DirectoryRequired));
    assert_eq!(Identity::new(kind, None, Some("d-1")), Err(IdentityError::DirectoryForm));
}

#[test]
fn names_are_claimed_whatever_their_case() {
    let named = Identity::new(Kind::Saml, Some("My-Centre"), None).unwrap();
    assert_eq!(named.claims(), [Claim::Alias("my-centre".to_owned())]);

    let both = Identity::new(Kind::ExistingDirectory, Some("Centre"), Some(DIRECTORY)).unwrap().claims();
    assert_eq!(both, [Claim::Alias("centre".to_owned()), Claim::Directory(DIRECTORY.to_owned())]);
    assert_eq!(both[1].to_string(), "directory/d-0123456789");
    // An alias may look like a directory once its case is gone; the claims differ all the same.
    let alike = Identity::new(Kind::Saml, Some("D-0123456789"), None).unwrap().claims();
    assert_eq!(alike[0].to_string(), "alias/d-0123456789");
}

#[test]
fn a_taken_alias_is_refused_in_the_words_of_aws() {
    let taken = Claim::Alias("centre".to_owned()).taken();
    assert_eq!(taken.to_string(), "Invalid Input. Instance alias is already used.");
    assert_eq!(Claim::Directory(DIRECTORY.to_owned()).taken(), IdentityError::DirectoryTaken);
}

#[test]
fn an_instance_tells_where_it_is() {
    let named = instance(Identity::new(Kind::Saml, Some("My-Centre"), None).unwrap());
    assert_eq!(
        named.arn(&home()).to_string(),
        "arn:aws:connect:us-east-1:123456789012:instance/00000000-0000-0000-0000-000000000001"
    );
    assert_eq!(named.access_url(), "https://My-Centre.my.connect.aws");
    assert_eq!(
        named.service_role(&home()),
        "arn:aws:iam::123456789012:role/aws-service-role/connect.amazonaws.com/\
         AWSServiceRoleForAmazonConnect_00000000000000000000"
    );
    let unnamed = instance(Identity::new(Kind::ExistingDirectory, None, Some(DIRECTORY)).unwrap());
    assert_eq!(unnamed.alias(), None);
    assert_eq!(unnamed.access_url(), "https://d-0123456789.my.connect.aws");
}

#[test]
fn the_words_of_the_wire_come_back() {
    for &kind in Kind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert!("saml".parse::<Kind>().is_err());
}
