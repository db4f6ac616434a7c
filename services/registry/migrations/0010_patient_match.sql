-- Which patients may be one person. What is compared is kept beside the patient, in the same transaction, in one script and one order; the
-- weights are data (match_weight). See docs/decisions/0019-duplicates.md.

create extension if not exists fuzzystrmatch schema platform;

create table patient_match (
  patient_id      uuid primary key references patient on delete cascade,
  patient_version integer not null, -- of which it was made: an older one is made anew by a job
  tokens          text[] not null,  -- the words of the name in Latin letters
  skeletons       text[] not null,  -- their consonants, one for each token: how they sound, whoever wrote them
  letters         text[] not null,  -- all letters of the name, and all its consonants, in order of the alphabet: words may be joined or parted
  birth_date      date not null,
  gender          text not null,
  phone           text,
  keys            text[] not null   -- who shares one of them is compared; see duplicates/name-keys.ts
);
-- Without a list of what is not indexed yet: each look-up would read all of it, and there is one with every registration.
create index patient_match_by_key on patient_match using gin (keys) with (fastupdate = off);

-- Evidence, à la Fellegi and Sunter: the logarithm to the base 2 of how much more often an outcome is seen in two records of one person than in
-- records of two. A pair's score is the sum.
create table match_weight (
  comparison text not null,
  outcome    text not null,
  weight     real not null,
  reason     text not null,
  primary key (comparison, outcome)
);
insert into match_weight (comparison, outcome, weight, reason) values
  ('name', 'same', 12, 'Every word is the same. Strangers share a whole name about once in 4,000 pairs that are compared.'),
  ('name', 'sounds-alike', 9, 'Every word has the same sound: another script, another spelling, a slip that leaves the consonants.'),
  ('name', 'close', 6, 'A letter or a sound differs in a word. Brothers and sisters are at times so named, so a birth date or more must agree too.'),
  ('name', 'partly', 3, 'One of the records has a single word, and the other has it among several.'),
  ('name', 'most-words', 1, 'The first word and another agree, and one does not: a name that was added or mistaken. Twins differ in the first.'),
  ('name', 'one-word', -7, 'One word agrees and another does not: a family, and twins above all, who share birth date, phone and surname.'),
  ('name', 'different', -12, 'No word agrees. A change of the whole name is rarer than a shared phone.'),
  ('birthDate', 'same', 11, 'One of some 29,000 days; less than its logarithm, since the very young and the very old are few.'),
  ('birthDate', 'first-of-january', 7, 'Written where nobody knows the day: it says the year, and that it was not known.'),
  ('birthDate', 'slip', 6, 'Day and month are swapped, or one digit differs: about one day in 700 is so near to a given one.'),
  ('birthDate', 'different', -8, 'Fewer than one in a hundred records of the same person are wrong in more than one digit.'),
  ('phone', 'same', 6, 'Families share phones, so it says less than its rarity.'),
  ('phone', 'different', -1, 'People change phones, and give one today and another tomorrow.'),
  ('phone', 'unknown', 0, 'One of the two has none: no evidence.'),
  ('gender', 'same', 1, 'Half of all strangers agree.'),
  ('gender', 'different', -5, 'Written wrongly in few records; it tells twins and couples apart.'),
  ('gender', 'unknown', 0, 'One of the two is not known, or is other: no evidence.'),
  ('threshold', 'suspected', 12, 'From here on a pair is worth looking at: a name that is close and a slip in the birth date, or better. Twins have 11.');

-- How alike two words are: 3 the same, 2 the same sound, 1 nearly so, 0 not alike. Short sounds say little unless the spellings are near too, or one
-- of the two is of a script that writes no vowels.
create function token_agreement(a text, b text, skeleton_a text, skeleton_b text) returns int language plpgsql immutable strict parallel safe as $$
declare
  apart int;
begin
  if a = b then return 3; end if;
  if skeleton_a = skeleton_b and length(skeleton_a) >= 2 and (length(skeleton_a) >= 3 or a !~ '^.+[aeiou]' or b !~ '^.+[aeiou]') then return 2; end if;
  apart := platform.levenshtein_less_equal(a, b, 2);
  if skeleton_a = skeleton_b and length(skeleton_a) >= 2 and (apart <= 1 or apart = 2 and greatest(length(a), length(b)) >= 5) then return 2; end if;
  if apart <= 1 and greatest(length(a), length(b)) >= 4 then return 1; end if;
  if apart <= 2 and greatest(length(a), length(b)) >= 6 and left(skeleton_a, 1) = left(skeleton_b, 1) then return 1; end if;
  if greatest(length(skeleton_a), length(skeleton_b)) >= 4 and left(skeleton_a, 1) = left(skeleton_b, 1)
    and platform.levenshtein_less_equal(skeleton_a, skeleton_b, 1) <= 1 then return 1; end if;
  return 0;
end $$;

-- Pairs the words of two names, best first, in whatever order they stand, and says how the names agree.
create function name_agreement(a patient_match, b patient_match) returns text language plpgsql immutable parallel safe as $$
declare
  used_a boolean[] := array_fill(false, array[greatest(cardinality(a.tokens), 1)]);
  used_b boolean[] := array_fill(false, array[greatest(cardinality(b.tokens), 1)]);
  counts int[] := '{0,0,0}';
  shorter int := least(cardinality(a.tokens), cardinality(b.tokens));
  longer int := greatest(cardinality(a.tokens), cardinality(b.tokens));
  matched int;
begin
  for level in reverse 3..1 loop
    for i in 1..cardinality(a.tokens) loop
      for j in 1..cardinality(b.tokens) loop
        continue when used_a[i] or used_b[j];
        if token_agreement(a.tokens[i], b.tokens[j], a.skeletons[i], b.skeletons[j]) = level then
          used_a[i] := true;
          used_b[j] := true;
          counts[level] := counts[level] + 1;
        end if;
      end loop;
    end loop;
  end loop;
  matched := counts[1] + counts[2] + counts[3];
  if matched < shorter or shorter = 0 then
    if longer > shorter and a.letters && b.letters then return 'sounds-alike'; end if; -- joined, or parted
    if matched >= 2 and used_a[1] and used_b[1] then return 'most-words'; end if;
    return case when matched > 0 then 'one-word' else 'different' end;
  end if;
  if shorter = 1 and longer > 1 then return 'partly'; end if;
  if counts[1] > 0 then return 'close'; end if;
  if counts[2] > 0 or longer > shorter or shorter = 1 then return 'sounds-alike'; end if;
  return 'same';
end $$;

create function birth_agreement(a date, b date) returns text language plpgsql immutable parallel safe as $$
begin
  if to_char(a, 'MMDD') = '0101' and to_char(b, 'MMDD') = '0101' then
    return case when a = b then 'first-of-january' else 'different' end;
  end if;
  if a = b then return 'same'; end if;
  if platform.levenshtein_less_equal(a::text, b::text, 1) <= 1 or to_char(a, 'YYYY-DD-MM') = b::text then return 'slip'; end if;
  return 'different';
end $$;

create function gender_agreement(a text, b text) returns text language sql immutable parallel safe as $$
  select case when a not in ('female', 'male') or b not in ('female', 'male') then 'unknown' when a = b then 'same' else 'different' end
$$;

create function phone_agreement(a text, b text) returns text language sql immutable parallel safe as $$
  select case when a is null or b is null then 'unknown' when a = b then 'same' else 'different' end
$$;
