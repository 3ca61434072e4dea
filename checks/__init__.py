"""The catalogue: every check by name, sorted by id. A test compares it with the files beside it."""

from auditor.check import Check
from auditor.checks.clients import ca_missing as clients_ca_missing
from auditor.checks.clients import certificate_expiring as clients_certificate_expiring
from auditor.checks.clients import certificate_name_missing as clients_certificate_name_missing
from auditor.checks.clients import certificate_untrusted as clients_certificate_untrusted
from auditor.checks.clients import certificate_weak as clients_certificate_weak
from auditor.checks.clients import endpoint_plaintext as clients_endpoint_plaintext
from auditor.checks.clients import endpoint_silent as clients_endpoint_silent
from auditor.checks.clients import protocol_old as clients_protocol_old
from auditor.checks.clients import wire_plaintext as clients_wire_plaintext
from auditor.checks.database import ca_ignored as database_ca_ignored
from auditor.checks.database import cannot_connect as database_cannot_connect
from auditor.checks.database import certificate_expiring as database_certificate_expiring
from auditor.checks.database import certificate_name_missing as database_certificate_name_missing
from auditor.checks.database import certificate_untrusted as database_certificate_untrusted
from auditor.checks.database import certificate_unverified as database_certificate_unverified
from auditor.checks.database import certificate_weak as database_certificate_weak
from auditor.checks.database import credentials_on_compute as database_credentials_on_compute
from auditor.checks.database import endpoint_silent as database_endpoint_silent
from auditor.checks.database import guessable_password as database_guessable_password
from auditor.checks.database import name_unchecked as database_name_unchecked
from auditor.checks.database import plaintext as database_plaintext
from auditor.checks.database import plaintext_on_loopback as database_plaintext_on_loopback
from auditor.checks.database import protocol_old as database_protocol_old
from auditor.checks.database import replica_weaker_than_primary as database_replica_weaker_than_primary
from auditor.checks.database import short_password as database_short_password
from auditor.checks.database import silent_server_blocks as database_silent_server_blocks
from auditor.checks.database import sqlite as database_sqlite
from auditor.checks.database import superuser_login as database_superuser_login
from auditor.checks.database import tls_optional as database_tls_optional
from auditor.checks.database import tls_optional_by_configuration as database_tls_optional_by_configuration
from auditor.checks.database import trusts_public_cas as database_trusts_public_cas
from auditor.checks.database import unconfigured_server as database_unconfigured_server
from auditor.checks.database import wire_plaintext as database_wire_plaintext
from auditor.checks.files import certificate_expiring as files_certificate_expiring
from auditor.checks.files import certificate_weak as files_certificate_weak
from auditor.checks.files import container_copy_differs as files_container_copy_differs
from auditor.checks.files import drop_in_overridden as files_drop_in_overridden
from auditor.checks.files import environment_overrides as files_environment_overrides
from auditor.checks.files import key_mismatch as files_key_mismatch
from auditor.checks.files import newer_than_process as files_newer_than_process
from auditor.checks.files import shadowed_in_home as files_shadowed_in_home
from auditor.checks.logging import configuration_broken as logging_configuration_broken
from auditor.checks.logging import console_recorded as logging_console_recorded
from auditor.checks.logging import debug_enabled as logging_debug_enabled
from auditor.checks.logging import errors_published as logging_errors_published
from auditor.checks.logging import message_bodies as logging_message_bodies
from auditor.checks.logging import options_ignored as logging_options_ignored
from auditor.checks.logging import privileged_replies as logging_privileged_replies
from auditor.checks.logging import profiler_default_key as logging_profiler_default_key
from auditor.checks.logging import sql_traced as logging_sql_traced
from auditor.checks.logging import sql_with_parameters as logging_sql_with_parameters
from auditor.checks.logging import tokens_and_bodies as logging_tokens_and_bodies
from auditor.checks.logging import volume_replies as logging_volume_replies
from auditor.checks.messaging import cannot_connect as messaging_cannot_connect
from auditor.checks.messaging import certificate_expiring as messaging_certificate_expiring
from auditor.checks.messaging import certificate_name_missing as messaging_certificate_name_missing
from auditor.checks.messaging import certificate_untrusted as messaging_certificate_untrusted
from auditor.checks.messaging import certificate_unverified as messaging_certificate_unverified
from auditor.checks.messaging import certificate_weak as messaging_certificate_weak
from auditor.checks.messaging import endpoint_silent as messaging_endpoint_silent
from auditor.checks.messaging import failover_breaks_on_names as messaging_failover_breaks_on_names
from auditor.checks.messaging import guessable_password as messaging_guessable_password
from auditor.checks.messaging import guest_login as messaging_guest_login
from auditor.checks.messaging import handshake_unbounded as messaging_handshake_unbounded
from auditor.checks.messaging import heartbeat_disabled as messaging_heartbeat_disabled
from auditor.checks.messaging import name_unchecked as messaging_name_unchecked
from auditor.checks.messaging import name_unchecked_by_library as messaging_name_unchecked_by_library
from auditor.checks.messaging import plaintext as messaging_plaintext
from auditor.checks.messaging import plaintext_on_loopback as messaging_plaintext_on_loopback
from auditor.checks.messaging import port_contradicts_tls as messaging_port_contradicts_tls
from auditor.checks.messaging import protocol_old as messaging_protocol_old
from auditor.checks.messaging import short_password as messaging_short_password
from auditor.checks.messaging import tls_options_ignored as messaging_tls_options_ignored
from auditor.checks.messaging import tls_version_pinned as messaging_tls_version_pinned
from auditor.checks.messaging import trusts_public_cas as messaging_trusts_public_cas
from auditor.checks.messaging import unconfigured_server as messaging_unconfigured_server
from auditor.checks.messaging import wire_plaintext as messaging_wire_plaintext
from auditor.checks.placement import call_outlives_service as placement_call_outlives_service
from auditor.checks.placement import call_too_long as placement_call_too_long
from auditor.checks.placement import certificate_unverified as placement_certificate_unverified
from auditor.checks.placement import credentials_missing as placement_credentials_missing
from auditor.checks.placement import endpoint_plaintext as placement_endpoint_plaintext
from auditor.checks.placement import identity_plaintext as placement_identity_plaintext
from auditor.checks.placement import interface_invalid as placement_interface_invalid
from auditor.checks.placement import public_interface as placement_public_interface
from auditor.checks.placement import retries_excessive as placement_retries_excessive
from auditor.checks.placement import retries_ignored as placement_retries_ignored
from auditor.checks.placement import retry_after_unbounded as placement_retry_after_unbounded
from auditor.checks.placement import timeout_invalid as placement_timeout_invalid
from auditor.checks.placement import timeout_unset as placement_timeout_unset
from auditor.checks.release import config_unparsable as release_config_unparsable
from auditor.checks.release import option_deprecated as release_option_deprecated
from auditor.checks.release import option_misspelt as release_option_misspelt
from auditor.checks.release import option_unknown as release_option_unknown
from auditor.checks.release import value_rejected as release_value_rejected
from auditor.checks.servers import account_without_tls as servers_account_without_tls
from auditor.checks.servers import guest_enabled as servers_guest_enabled
from auditor.checks.servers import plaintext_listener as servers_plaintext_listener
from auditor.checks.servers import plaintext_port_open as servers_plaintext_port_open
from auditor.checks.servers import tls_old as servers_tls_old
from auditor.checks.servers import tls_optional as servers_tls_optional

CATALOGUE: tuple[Check, ...] = (
    clients_ca_missing.CHECK,
    clients_certificate_expiring.CHECK,
    clients_certificate_name_missing.CHECK,
    clients_certificate_untrusted.CHECK,
    clients_certificate_weak.CHECK,
    clients_endpoint_plaintext.CHECK,
    clients_endpoint_silent.CHECK,
    clients_protocol_old.CHECK,
    clients_wire_plaintext.CHECK,
    database_ca_ignored.CHECK,
    database_cannot_connect.CHECK,
    database_certificate_expiring.CHECK,
    database_certificate_name_missing.CHECK,
    database_certificate_untrusted.CHECK,
    database_certificate_unverified.CHECK,
    database_certificate_weak.CHECK,
    database_credentials_on_compute.CHECK,
    database_endpoint_silent.CHECK,
    database_guessable_password.CHECK,
    database_name_unchecked.CHECK,
    database_plaintext.CHECK,
    database_plaintext_on_loopback.CHECK,
    database_protocol_old.CHECK,
    database_replica_weaker_than_primary.CHECK,
    database_short_password.CHECK,
    database_silent_server_blocks.CHECK,
    database_sqlite.CHECK,
    database_superuser_login.CHECK,
    database_tls_optional.CHECK,
    database_tls_optional_by_configuration.CHECK,
    database_trusts_public_cas.CHECK,
    database_unconfigured_server.CHECK,
    database_wire_plaintext.CHECK,
    files_certificate_expiring.CHECK,
    files_certificate_weak.CHECK,
    files_container_copy_differs.CHECK,
    files_drop_in_overridden.CHECK,
    files_environment_overrides.CHECK,
    files_key_mismatch.CHECK,
    files_newer_than_process.CHECK,
    files_shadowed_in_home.CHECK,
    logging_configuration_broken.CHECK,
    logging_console_recorded.CHECK,
    logging_debug_enabled.CHECK,
    logging_errors_published.CHECK,
    logging_message_bodies.CHECK,
    logging_options_ignored.CHECK,
    logging_privileged_replies.CHECK,
    logging_profiler_default_key.CHECK,
    logging_sql_traced.CHECK,
    logging_sql_with_parameters.CHECK,
    logging_tokens_and_bodies.CHECK,
    logging_volume_replies.CHECK,
    messaging_cannot_connect.CHECK,
    messaging_certificate_expiring.CHECK,
    messaging_certificate_name_missing.CHECK,
    messaging_certificate_untrusted.CHECK,
    messaging_certificate_unverified.CHECK,
    messaging_certificate_weak.CHECK,
    messaging_endpoint_silent.CHECK,
    messaging_failover_breaks_on_names.CHECK,
    messaging_guessable_password.CHECK,
    messaging_guest_login.CHECK,
    messaging_handshake_unbounded.CHECK,
    messaging_heartbeat_disabled.CHECK,
    messaging_name_unchecked.CHECK,
    messaging_name_unchecked_by_library.CHECK,
    messaging_plaintext.CHECK,
    messaging_plaintext_on_loopback.CHECK,
    messaging_port_contradicts_tls.CHECK,
    messaging_protocol_old.CHECK,
    messaging_short_password.CHECK,
    messaging_tls_options_ignored.CHECK,
    messaging_tls_version_pinned.CHECK,
    messaging_trusts_public_cas.CHECK,
    messaging_unconfigured_server.CHECK,
    messaging_wire_plaintext.CHECK,
    placement_call_outlives_service.CHECK,
    placement_call_too_long.CHECK,
    placement_certificate_unverified.CHECK,
    placement_credentials_missing.CHECK,
    placement_endpoint_plaintext.CHECK,
    placement_identity_plaintext.CHECK,
    placement_interface_invalid.CHECK,
    placement_public_interface.CHECK,
    placement_retries_excessive.CHECK,
    placement_retries_ignored.CHECK,
    placement_retry_after_unbounded.CHECK,
    placement_timeout_invalid.CHECK,
    placement_timeout_unset.CHECK,
    release_config_unparsable.CHECK,
    release_option_deprecated.CHECK,
    release_option_misspelt.CHECK,
    release_option_unknown.CHECK,
    release_value_rejected.CHECK,
    servers_account_without_tls.CHECK,
    servers_guest_enabled.CHECK,
    servers_plaintext_listener.CHECK,
    servers_plaintext_port_open.CHECK,
    servers_tls_old.CHECK,
    servers_tls_optional.CHECK,
)
