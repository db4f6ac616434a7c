-- Whom a message is about beside its reader: what is written to others of a person goes when the person does.
alter table notification add column concerns uuid[] not null default '{}';
