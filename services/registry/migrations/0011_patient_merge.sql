-- Two records of one person become one, and can be parted again. See docs/decisions/0019-duplicates.md.

create table patient_merge (
  id          uuid primary key,
  survivor_id uuid not null references patient,
  replaced_id uuid not null references patient,
  reason      text not null,
  merged_by   uuid not null,
  merged_at   timestamptz not null,
  undone_by   uuid,
  undone_at   timestamptz,
  undo_reason text,
  version     integer not null default 1,
  constraint patient_merge_of_two check (survivor_id <> replaced_id),
  constraint patient_merge_undone check ((undone_at is null) = (undone_by is null))
);
create unique index patient_merge_replaced_once on patient_merge (replaced_id) where undone_at is null;
create index patient_merge_by_survivor on patient_merge (survivor_id) where undone_at is null;

-- Whoever survives a merge that stands cannot be replaced, and the other way round: so the way from an old id to the record is one step, and
-- merges into one survivor can be undone in any order. Of A into B and B into A at once, the database accepts one.
create table patient_merge_side (
  merge_id   uuid not null references patient_merge,
  patient_id uuid not null references patient,
  role       text not null check (role in ('survivor', 'replaced')),
  stands     boolean not null default true,
  primary key (merge_id, role),
  constraint patient_merge_one_role exclude using gist (patient_id with =, role with <>) where (stands)
);

-- What went from the replaced patient to the survivor, so that undoing gives back exactly that. `set_aside`: it was also ended, since the survivor
-- had its like.
create table patient_merge_moved (
  merge_id  uuid not null references patient_merge,
  what      text not null check (what in ('mandate', 'grant', 'consent', 'break-glass', 'identifier', 'claim-code', 'desk-grant')),
  row_id    uuid not null,
  set_aside boolean not null default false,
  primary key (merge_id, what, row_id)
);

-- Pairs that may be one person: the review list. One row for a pair, whichever was registered first.
create table duplicate (
  id         uuid primary key,
  one_id     uuid not null references patient on delete cascade,
  other_id   uuid not null references patient on delete cascade,
  score      real not null,
  agrees     text[] not null,
  status     text not null default 'open' check (status in ('open', 'dismissed', 'merged')),
  reason     text,
  decided_by uuid,
  decided_at timestamptz,
  version    integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint duplicate_in_order check (one_id < other_id),
  constraint duplicate_once unique (one_id, other_id)
);
create index duplicate_by_score on duplicate (status, score desc, id desc);
create index duplicate_by_other on duplicate (other_id);

-- The record that stands for this one.
create function survivor_of(patient uuid) returns uuid language plpgsql stable parallel safe as $$
begin
  return coalesce((select m.survivor_id from patient_merge m where m.replaced_id = patient and m.undone_at is null), patient);
end $$;

-- Nothing new is hung on a record that has been replaced. The lock waits for a merge that is under way; the look after it sees what that did.
create function refuse_replaced() returns trigger language plpgsql as $$
begin
  perform from registry.patient where id = new.patient_id for key share;
  if exists (select from registry.patient_merge m where m.replaced_id = new.patient_id and m.undone_at is null) then
    raise check_violation using message = 'the patient has been replaced', constraint = 'patient_replaced';
  end if;
  return new;
end $$;
create trigger mandate_for_standing_patient before insert on mandate for each row execute function refuse_replaced();

-- Those who share a key with these facts, and how well each agrees. Of a record that was replaced, the survivor is named. Names are compared last:
-- that costs most, and of most namesakes the rest says enough.
create function match_candidates(facts patient_match) returns table (patient_id uuid, score real, agrees text[]) language plpgsql stable
  set enable_seqscan = off as $$ -- how many share a key is not known when this is planned
declare
  weights jsonb := (select jsonb_object_agg(w.comparison || ':' || w.outcome, w.weight) from match_weight w);
  suspected real := (weights->>'threshold:suspected')::real;
  best_name real := (weights->>'name:same')::real;
  standing uuid;
  one patient_match;
  outcomes text[];
  seen jsonb := '{}';
begin
  for one in select m.* from patient_match m where m.keys && facts.keys and m.patient_id is distinct from facts.patient_id loop
    outcomes := array['birthDate:' || birth_agreement(facts.birth_date, one.birth_date),
      'gender:' || gender_agreement(facts.gender, one.gender), 'phone:' || phone_agreement(facts.phone, one.phone)];
    score := (weights->>outcomes[1])::real + (weights->>outcomes[2])::real + (weights->>outcomes[3])::real;
    continue when score + best_name < suspected;
    outcomes := outcomes || ('name:' || name_agreement(facts, one));
    score := score + (weights->>outcomes[4])::real;
    continue when score < suspected;
    standing := survivor_of(one.patient_id);
    continue when standing is not distinct from survivor_of(facts.patient_id) or (seen->>standing::text)::real >= score;
    seen := seen || jsonb_build_object(standing, score);
    patient_id := standing;
    agrees := array(select o from unnest(outcomes) o where (weights->>o)::real > 0 order by o);
    return next;
  end loop;
end $$;
