-- In which words people were told, so that it can be shown later as it was: with the names and times of the message itself, which are nowhere else.
create table wording (
  version       text primary key, -- a digest of the words
  template      text not null,
  language      text not null,
  message       jsonb not null, -- title, text, mail and short, in ICU MessageFormat
  phrases       jsonb not null, -- what those are put together from
  first_used_at timestamptz not null
);

-- No foreign key: a message would lock the words that every other one is written in.
alter table notification
  add column wording text, -- null: written before words were kept
  add column zone text;    -- IANA, of the reader, where they had said so

-- Of what was sent: the reader may have chosen another language since the message was written, and visits that were cancelled are left out of a list.
alter table delivery
  add column language text,
  add column wording text,
  add column params jsonb; -- null: those of the message
