-- A clinic system as Hibernate and its mappings make it: tbl_ names, sequences, composite keys, joined inheritance, embedded ids,
-- audit tables of Envers. Row i of any table is practice (i % 3) + 1's.
SET search_path = public;
CREATE TABLE hibernate_sequences (sequence_name varchar(255) PRIMARY KEY, next_val bigint);
CREATE TABLE databasechangelog (id varchar(255), author varchar(255));
CREATE TABLE tbl_specialty (specialty_code varchar(8) PRIMARY KEY, title varchar(80));
CREATE TABLE tbl_practice (practice_id bigint PRIMARY KEY, name varchar(80) NOT NULL);
CREATE TABLE tbl_person (person_id bigint PRIMARY KEY, practice_id bigint NOT NULL REFERENCES tbl_practice, dtype varchar(31) NOT NULL);
CREATE TABLE tbl_patient (person_id bigint PRIMARY KEY REFERENCES tbl_person, insurance_no varchar(20));
CREATE TABLE tbl_doctor (person_id bigint PRIMARY KEY REFERENCES tbl_person, specialty_code varchar(8) NOT NULL REFERENCES tbl_specialty);
CREATE TABLE tbl_room (practice_id bigint NOT NULL REFERENCES tbl_practice, room_no int NOT NULL, PRIMARY KEY (practice_id, room_no));
CREATE TABLE tbl_appointment (practice_id bigint NOT NULL, appointment_no bigint NOT NULL, room_no int NOT NULL, patient_id bigint NOT NULL REFERENCES tbl_patient,
    doctor_id bigint NOT NULL REFERENCES tbl_doctor, PRIMARY KEY (practice_id, appointment_no),
    FOREIGN KEY (practice_id, room_no) REFERENCES tbl_room);
CREATE TABLE tbl_prescription (prescription_id bigint PRIMARY KEY, a_practice_id bigint NOT NULL, a_no bigint NOT NULL, drug varchar(80),
    FOREIGN KEY (a_practice_id, a_no) REFERENCES tbl_appointment (practice_id, appointment_no));
CREATE TABLE patient_allergies (patient_person_id bigint NOT NULL REFERENCES tbl_patient, allergies varchar(255));
CREATE TABLE revinfo (rev int PRIMARY KEY, revtstmp bigint);
CREATE TABLE tbl_patient_aud (person_id bigint NOT NULL, rev int NOT NULL REFERENCES revinfo, revtype smallint, insurance_no varchar(20), PRIMARY KEY (rev, person_id));
CREATE TABLE batch_job_instance (job_instance_id bigint PRIMARY KEY, job_name varchar(100));
CREATE TABLE batch_job_execution (job_execution_id bigint PRIMARY KEY, job_instance_id bigint NOT NULL REFERENCES batch_job_instance);
CREATE TABLE qrtz_locks (sched_name varchar(120) NOT NULL, lock_name varchar(40) NOT NULL, PRIMARY KEY (sched_name, lock_name));
INSERT INTO tbl_specialty VALUES ('GP'), ('ENT');
INSERT INTO tbl_practice SELECT i, 'p' FROM generate_series(1, 3) i;
INSERT INTO tbl_person SELECT i, 1 + i % 3, CASE WHEN i > 30 THEN 'Doctor' ELSE 'Patient' END FROM generate_series(1, 42) i;
INSERT INTO tbl_patient SELECT i FROM generate_series(1, 30) i;
INSERT INTO tbl_doctor SELECT i, CASE (i / 3) % 2 WHEN 0 THEN 'GP' ELSE 'ENT' END FROM generate_series(31, 42) i;
INSERT INTO tbl_room SELECT 1 + i % 3, i FROM generate_series(1, 6) i;
INSERT INTO tbl_appointment SELECT 1 + i % 3, i, 1 + (i + 5) % 6, i, 31 + (i + 11) % 12 + CASE i % 3 WHEN 0 THEN 0 ELSE 0 END FROM generate_series(1, 30) i
    WHERE (1 + i % 3) = 1 + (31 + (i + 11) % 12) % 3;
INSERT INTO tbl_prescription SELECT appointment_no, practice_id, appointment_no FROM tbl_appointment;
INSERT INTO patient_allergies SELECT i, 'nuts' FROM generate_series(1, 10) i;
INSERT INTO revinfo SELECT i, i FROM generate_series(1, 10) i;
INSERT INTO tbl_patient_aud SELECT i, i, 0 FROM generate_series(1, 10) i;
ANALYZE;
