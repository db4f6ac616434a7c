create table secret (words text not null);
insert into secret values ('not for neighbours');
