//! Amazon IVS Real-Time: stages, who may come to them, and what happened there.

mod encoders;
mod ingests;
mod lookup;
mod paging;
mod public_keys;
mod replication;
mod resources;
mod sessions;
mod stages;
mod storages;
mod tags;
mod words;

mod create_encoder_configuration;
mod create_ingest_configuration;
mod create_participant_token;
mod create_stage;
mod create_storage_configuration;
mod delete_encoder_configuration;
mod delete_ingest_configuration;
mod delete_public_key;
mod delete_stage;
mod delete_storage_configuration;
mod disconnect_participant;
mod get_encoder_configuration;
mod get_ingest_configuration;
mod get_participant;
mod get_public_key;
mod get_stage;
mod get_stage_session;
mod get_storage_configuration;
mod import_public_key;
mod list_encoder_configurations;
mod list_ingest_configurations;
mod list_participant_events;
mod list_participant_replicas;
mod list_participants;
mod list_public_keys;
mod list_stage_sessions;
mod list_stages;
mod list_storage_configurations;
mod list_tags_for_resource;
mod revoke_connection_token;
mod start_participant_replication;
mod stop_participant_replication;
mod tag_resource;
mod untag_resource;
mod update_ingest_configuration;
mod update_stage;

use switchboard_wire::ivs_realtime as wire;

use super::Table;

/// Adds every operation of this service.
pub(super) fn register(table: &mut Table) {
    table.on::<wire::CreateEncoderConfiguration, _, _>(create_encoder_configuration::create_encoder_configuration);
    table.on::<wire::CreateIngestConfiguration, _, _>(create_ingest_configuration::create_ingest_configuration);
    table.on::<wire::CreateParticipantToken, _, _>(create_participant_token::create_participant_token);
    table.on::<wire::CreateStage, _, _>(create_stage::create_stage);
    table.on::<wire::CreateStorageConfiguration, _, _>(create_storage_configuration::create_storage_configuration);
    table.on::<wire::DeleteEncoderConfiguration, _, _>(delete_encoder_configuration::delete_encoder_configuration);
    table.on::<wire::DeleteIngestConfiguration, _, _>(delete_ingest_configuration::delete_ingest_configuration);
    table.on::<wire::DeletePublicKey, _, _>(delete_public_key::delete_public_key);
    table.on::<wire::DeleteStage, _, _>(delete_stage::delete_stage);
    table.on::<wire::DeleteStorageConfiguration, _, _>(delete_storage_configuration::delete_storage_configuration);
    table.on::<wire::DisconnectParticipant, _, _>(disconnect_participant::disconnect_participant);
    table.on::<wire::GetEncoderConfiguration, _, _>(get_encoder_configuration::get_encoder_configuration);
    table.on::<wire::GetIngestConfiguration, _, _>(get_ingest_configuration::get_ingest_configuration);
    table.on::<wire::GetParticipant, _, _>(get_participant::get_participant);
    table.on::<wire::GetPublicKey, _, _>(get_public_key::get_public_key);
    table.on::<wire::GetStage, _, _>(get_stage::get_stage);
    table.on::<wire::GetStageSession, _, _>(get_stage_session::get_stage_session);
    table.on::<wire::GetStorageConfiguration, _, _>(get_storage_configuration::get_storage_configuration);
    table.on::<wire::ImportPublicKey, _, _>(import_public_key::import_public_key);
    table.on::<wire::ListEncoderConfigurations, _, _>(list_encoder_configurations::list_encoder_configurations);
    table.on::<wire::ListIngestConfigurations, _, _>(list_ingest_configurations::list_ingest_configurations);
    table.on::<wire::ListParticipantEvents, _, _>(list_participant_events::list_participant_events);
    table.on::<wire::ListParticipantReplicas, _, _>(list_participant_replicas::list_participant_replicas);
    table.on::<wire::ListParticipants, _, _>(list_participants::list_participants);
    table.on::<wire::ListPublicKeys, _, _>(list_public_keys::list_public_keys);
    table.on::<wire::ListStageSessions, _, _>(list_stage_sessions::list_stage_sessions);
    table.on::<wire::ListStages, _, _>(list_stages::list_stages);
    table.on::<wire::ListStorageConfigurations, _, _>(list_storage_configurations::list_storage_configurations);
    table.on::<wire::ListTagsForResource, _, _>(list_tags_for_resource::list_tags_for_resource);
    table.on::<wire::RevokeConnectionToken, _, _>(revoke_connection_token::revoke_connection_token);
    table.on::<wire::StartParticipantReplication, _, _>(start_participant_replication::start_participant_replication);
    table.on::<wire::StopParticipantReplication, _, _>(stop_participant_replication::stop_participant_replication);
    table.on::<wire::TagResource, _, _>(tag_resource::tag_resource);
    table.on::<wire::UntagResource, _, _>(untag_resource::untag_resource);
    table.on::<wire::UpdateIngestConfiguration, _, _>(update_ingest_configuration::update_ingest_configuration);
    table.on::<wire::UpdateStage, _, _>(update_stage::update_stage);
}
