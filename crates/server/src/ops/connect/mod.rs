//! Amazon Connect: contact centres, their bots, their contents and their contacts.

mod associations;
mod attributes;
mod bots;
mod chat_metrics;
mod contacts;
mod contents;
mod lookup;
mod paging;
mod segment_attributes;
mod storage;
mod streaming;
mod tags;
mod words;

mod associate_approved_origin;
mod associate_bot;
mod associate_instance_storage_config;
mod associate_lambda_function;
mod associate_lex_bot;
mod associate_security_key;
mod create_instance;
mod create_participant;
mod delete_instance;
mod describe_agent_status;
mod describe_contact;
mod describe_contact_flow;
mod describe_hours_of_operation;
mod describe_instance;
mod describe_instance_attribute;
mod describe_instance_storage_config;
mod describe_prompt;
mod describe_queue;
mod describe_routing_profile;
mod describe_security_profile;
mod disassociate_approved_origin;
mod disassociate_bot;
mod disassociate_instance_storage_config;
mod disassociate_lambda_function;
mod disassociate_lex_bot;
mod disassociate_security_key;
mod get_contact_attributes;
mod list_agent_statuses;
mod list_approved_origins;
mod list_associated_contacts;
mod list_bots;
mod list_contact_flows;
mod list_contact_references;
mod list_hours_of_operations;
mod list_instance_attributes;
mod list_instance_storage_configs;
mod list_instances;
mod list_lambda_functions;
mod list_lex_bots;
mod list_prompts;
mod list_queues;
mod list_routing_profile_queues;
mod list_routing_profiles;
mod list_security_keys;
mod list_security_profile_permissions;
mod list_security_profiles;
mod list_tags_for_resource;
mod start_chat_contact;
mod start_contact_streaming;
mod stop_contact;
mod stop_contact_streaming;
mod tag_contact;
mod tag_resource;
mod untag_contact;
mod untag_resource;
mod update_contact;
mod update_contact_attributes;
mod update_instance_attribute;
mod update_instance_storage_config;
mod update_participant_role_config;

/// What the tour calls besides requests.
pub(crate) use {
    associate_bot::associate_bot, create_instance::create_instance, list_contact_flows::list_contact_flows,
    start_chat_contact::start_chat_contact,
};

use switchboard_wire::connect as wire;

use super::Table;

/// Adds every operation of this service.
pub(super) fn register(table: &mut Table) {
    table.on::<wire::AssociateApprovedOrigin, _, _>(associate_approved_origin::associate_approved_origin);
    table.on::<wire::AssociateBot, _, _>(associate_bot::associate_bot);
    table.on::<wire::AssociateInstanceStorageConfig, _, _>(
        associate_instance_storage_config::associate_instance_storage_config,
    );
    table.on::<wire::AssociateLambdaFunction, _, _>(associate_lambda_function::associate_lambda_function);
    table.on::<wire::AssociateLexBot, _, _>(associate_lex_bot::associate_lex_bot);
    table.on::<wire::AssociateSecurityKey, _, _>(associate_security_key::associate_security_key);
    table.on::<wire::CreateInstance, _, _>(create_instance::create_instance);
    table.on::<wire::CreateParticipant, _, _>(create_participant::create_participant);
    table.on::<wire::DeleteInstance, _, _>(delete_instance::delete_instance);
    table.on::<wire::DescribeAgentStatus, _, _>(describe_agent_status::describe_agent_status);
    table.on::<wire::DescribeContact, _, _>(describe_contact::describe_contact);
    table.on::<wire::DescribeContactFlow, _, _>(describe_contact_flow::describe_contact_flow);
    table.on::<wire::DescribeHoursOfOperation, _, _>(describe_hours_of_operation::describe_hours_of_operation);
    table.on::<wire::DescribeInstance, _, _>(describe_instance::describe_instance);
    table.on::<wire::DescribeInstanceAttribute, _, _>(describe_instance_attribute::describe_instance_attribute);
    table.on::<wire::DescribeInstanceStorageConfig, _, _>(
        describe_instance_storage_config::describe_instance_storage_config,
    );
    table.on::<wire::DescribePrompt, _, _>(describe_prompt::describe_prompt);
    table.on::<wire::DescribeQueue, _, _>(describe_queue::describe_queue);
    table.on::<wire::DescribeRoutingProfile, _, _>(describe_routing_profile::describe_routing_profile);
    table.on::<wire::DescribeSecurityProfile, _, _>(describe_security_profile::describe_security_profile);
    table.on::<wire::DisassociateApprovedOrigin, _, _>(disassociate_approved_origin::disassociate_approved_origin);
    table.on::<wire::DisassociateBot, _, _>(disassociate_bot::disassociate_bot);
    table.on::<wire::DisassociateInstanceStorageConfig, _, _>(
        disassociate_instance_storage_config::disassociate_instance_storage_config,
    );
    table.on::<wire::DisassociateLambdaFunction, _, _>(disassociate_lambda_function::disassociate_lambda_function);
    table.on::<wire::DisassociateLexBot, _, _>(disassociate_lex_bot::disassociate_lex_bot);
    table.on::<wire::DisassociateSecurityKey, _, _>(disassociate_security_key::disassociate_security_key);
    table.on::<wire::GetContactAttributes, _, _>(get_contact_attributes::get_contact_attributes);
    table.on::<wire::ListAgentStatuses, _, _>(list_agent_statuses::list_agent_statuses);
    table.on::<wire::ListApprovedOrigins, _, _>(list_approved_origins::list_approved_origins);
    table.on::<wire::ListAssociatedContacts, _, _>(list_associated_contacts::list_associated_contacts);
    table.on::<wire::ListBots, _, _>(list_bots::list_bots);
    table.on::<wire::ListContactFlows, _, _>(list_contact_flows::list_contact_flows);
    table.on::<wire::ListContactReferences, _, _>(list_contact_references::list_contact_references);
    table.on::<wire::ListHoursOfOperations, _, _>(list_hours_of_operations::list_hours_of_operations);
    table.on::<wire::ListInstanceAttributes, _, _>(list_instance_attributes::list_instance_attributes);
    table.on::<wire::ListInstanceStorageConfigs, _, _>(list_instance_storage_configs::list_instance_storage_configs);
    table.on::<wire::ListInstances, _, _>(list_instances::list_instances);
    table.on::<wire::ListLambdaFunctions, _, _>(list_lambda_functions::list_lambda_functions);
    table.on::<wire::ListLexBots, _, _>(list_lex_bots::list_lex_bots);
    table.on::<wire::ListPrompts, _, _>(list_prompts::list_prompts);
    table.on::<wire::ListQueues, _, _>(list_queues::list_queues);
    table.on::<wire::ListRoutingProfileQueues, _, _>(list_routing_profile_queues::list_routing_profile_queues);
    table.on::<wire::ListRoutingProfiles, _, _>(list_routing_profiles::list_routing_profiles);
    table.on::<wire::ListSecurityKeys, _, _>(list_security_keys::list_security_keys);
    table.on::<wire::ListSecurityProfilePermissions, _, _>(
        list_security_profile_permissions::list_security_profile_permissions,
    );
    table.on::<wire::ListSecurityProfiles, _, _>(list_security_profiles::list_security_profiles);
    table.on::<wire::ListTagsForResource, _, _>(list_tags_for_resource::list_tags_for_resource);
    table.on::<wire::StartChatContact, _, _>(start_chat_contact::start_chat_contact);
    table.on::<wire::StartContactStreaming, _, _>(start_contact_streaming::start_contact_streaming);
    table.on::<wire::StopContact, _, _>(stop_contact::stop_contact);
    table.on::<wire::StopContactStreaming, _, _>(stop_contact_streaming::stop_contact_streaming);
    table.on::<wire::TagContact, _, _>(tag_contact::tag_contact);
    table.on::<wire::TagResource, _, _>(tag_resource::tag_resource);
    table.on::<wire::UntagContact, _, _>(untag_contact::untag_contact);
    table.on::<wire::UntagResource, _, _>(untag_resource::untag_resource);
    table.on::<wire::UpdateContact, _, _>(update_contact::update_contact);
    table.on::<wire::UpdateContactAttributes, _, _>(update_contact_attributes::update_contact_attributes);
    table.on::<wire::UpdateInstanceAttribute, _, _>(update_instance_attribute::update_instance_attribute);
    table.on::<wire::UpdateInstanceStorageConfig, _, _>(update_instance_storage_config::update_instance_storage_config);
    table.on::<wire::UpdateParticipantRoleConfig, _, _>(update_participant_role_config::update_participant_role_config);
}
