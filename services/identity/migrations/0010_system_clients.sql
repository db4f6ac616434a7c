-- Where the public keys of an app are, if it does not say them itself.
alter table oauth_client add column jwks_uri text;
grant insert, update, delete on platform.client_grant to openhcs_identity;
