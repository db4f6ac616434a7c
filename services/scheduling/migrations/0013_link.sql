-- When somebody said, by a link in a message, that they will come. A visit that is moved has not been confirmed.
alter table appointment add column confirmed_at timestamptz;
