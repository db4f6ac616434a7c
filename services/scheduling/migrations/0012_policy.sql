-- Until when patients, and who books for them, cancel or move a visit by themselves, and how often: of a practitioner, or of an organisation for its places.
create table booking_policy (
  owner_id       uuid primary key,
  owner_type     text not null check (owner_type in ('Practitioner', 'Organisation')),
  cancel_minutes integer not null check (cancel_minutes between 0 and 43200), -- before the start
  move_minutes   integer not null check (move_minutes between 0 and 43200),
  moves          smallint check (moves between 0 and 20), -- null: as often as they like
  contact        text not null, -- what to do when it is too late
  version        integer not null,
  updated_at     timestamptz not null,
  demo           boolean not null default platform.is_demo()
);

alter table appointment add column moves smallint not null default 0; -- by the patient's side

-- What a practitioner has said goes before what the place's organisation says of everybody there.
create function policy_of(practitioner uuid, place uuid) returns json language sql stable as $$
  select json_build_object('cancel', p.cancel_minutes, 'move', p.move_minutes, 'moves', p.moves, 'contact', p.contact) from booking_policy p
  where p.owner_id = practitioner or p.owner_id = (select l.organisation_id from place l where l.id = place)
  order by p.owner_id = practitioner desc limit 1
$$;
