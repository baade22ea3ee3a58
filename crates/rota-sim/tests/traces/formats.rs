//! A tiny sample of each format but Slurm's.

use super::{of, said};
use rota_sim::trace::Format;

#[test]
fn a_plain_table_says_more_where_it_has_more_columns() {
    let text = "job_id,submit_s,num_gpus,duration_s,user,vc,timelimit_s
                b,120.5,4,90.250,ann,vision,3600
                a,60,1,30,,,
                c,60,0,30,,,
                d,60,1,,,,
                e,60,1";
    let wanted = [
        "a at=60 1 / runs=30s completed",
        "b at=120 4 ann/vision limit=1h runs=1m30s completed",
        "left out: 1 no-gpu, lines [4]",
        "left out: 1 fields, lines [6]",
        "left out: 1 missing duration_s, lines [5]",
    ];
    assert_eq!(said(&of(Format::Csv, text)), wanted);
}

#[test]
fn philly_counts_the_gpus_of_its_widest_attempt_and_the_time_of_all() {
    let text = r#"[
        {"status": "Pass", "vc": "v1", "jobid": "application_1", "user": "u1", "submitted_time": "1970-01-01 09:01:00",
         "attempts": [
           {"start_time": "1970-01-01 09:02:00", "end_time": "1970-01-01 09:03:00",
            "detail": [{"ip": "m1", "gpus": ["gpu0", "gpu1"]}]},
           {"start_time": "1970-01-01 09:04:00", "end_time": "1970-01-01 09:06:00",
            "detail": [{"ip": "m1", "gpus": ["gpu0", "gpu1"]}, {"ip": "m2", "gpus": ["gpu3", "gpu4"]}]}]},
        {"status": "Killed", "vc": "v2", "jobid": "application_2", "user": "u2", "submitted_time": "1970-01-01 09:00:00",
         "attempts": []},
        {"status": "Killed", "vc": "v2", "jobid": "application_3", "user": "u2", "submitted_time": "None", "attempts": []},
        "nonsense"
      , oops"#;
    let wanted = [
        "application_1 at=60 4 2n u1/v1 runs=3m completed",
        "left out: 2 missing submitted_time, lines [3, 4]",
        "left out: 1 never-ran, lines [2]",
        "left out: 1 not-json, lines [12]",
    ];
    assert_eq!(said(&of(Format::Philly, text)), wanted);
}

#[test]
fn helios_keeps_what_was_cancelled_after_it_ran() {
    let text = "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue
        1,u1,vcA,16,64,2,CANCELLED,1970-01-01 09:10:00,1970-01-01 09:20:00,1970-01-01 09:30:00,600,600
        2,u1,vcA,0,4,1,COMPLETED,1970-01-01 09:10:00,1970-01-01 09:20:00,1970-01-01 09:30:00,600,600
        3,u2,vcB,1,4,1,NODE_FAIL,1970-01-01 09:00:00,1970-01-01 09:00:10,1970-01-01 09:00:40,30,10
        4,u2,vcB,1,4,1,CANCELLED,1970-01-01 09:00:00,,,0,0
        5,u2,vcB,1,4,1,BROKEN,1970-01-01 09:00:00,1970-01-01 09:00:10,1970-01-01 09:00:40,30,10";
    let wanted = [
        "3 at=0 1 1n u2/vcB runs=30s failed",
        "1 at=600 16 2n u1/vcA runs=10m cancelled",
        "left out: 1 no-gpu, lines [3]",
        "left out: 1 never-ran, lines [5]",
        "left out: 1 unreadable state, lines [6]",
    ];
    assert_eq!(said(&of(Format::Helios, text)), wanted);
}

#[test]
fn acme_says_the_offset_of_its_times() {
    let text = "job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration,queue,gpu_time
        x1,u1,2,16,64,Pretrain,TIMEOUT,1970-01-01 08:01:00+08:00,1970-01-01 08:02:00+08:00,1970-01-01 08:03:00+08:00,60,60.0,960.0
        x2,u1,1,8,64,Debug,COMPLETED,1970-01-01 00:02:00+00:00,1970-01-01 00:02:00+00:00,1970-01-01 00:04:00+00:00,,0,960.0";
    let wanted = [
        "x1 at=60 16 2n u1/ Pretrain runs=1m timeout",
        "x2 at=120 8 1n u1/ Debug runs=2m completed",
    ];
    assert_eq!(said(&of(Format::Acme, text)), wanted);
}

#[test]
fn alibaba_has_two_sets_of_column_names_and_parts_of_gpus_count_whole() {
    let original = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
        p1,4000,1024,1,300,V100M16|V100M32,LS,Succeeded,10,100,40
        p2,4000,1024,2,1000,,BE,Pending,10,100,
        p3,4000,1024,0,0,,BE,Running,10,100,20";
    let wanted = [
        "p1 at=10 1xV100M16 / LS runs=1m completed",
        "left out: 1 no-gpu, lines [4]",
        "left out: 1 never-ran, lines [3]",
    ];
    assert_eq!(said(&of(Format::Alibaba, original)), wanted);
    let plain =
        "pod_id,cpu_milli,memory_mib,num_gpu,gpu_milli,qos,phase,create_s,scheduled_s,delete_s
        7,4000,1024,8,1000,Burstable,Failed,10,20,80";
    assert_eq!(said(&of(Format::Alibaba, plain)), ["7 at=10 8 / Burstable runs=1m failed"]);
}

#[test]
fn a_standard_workload_begins_at_its_unix_start_time() {
    let text = "; Version: 2.2
        ; UnixStartTime: 1000
        1 60 5 120 8 -1 -1 8 3600 -1 1 3 4 5 2 1 -1 -1
        2 90 5 120 -1 -1 -1 4 -1 -1 0 3 -1 -1 -1 -1 -1 -1
        3 90 5 -1 -1 -1 -1 4 -1 -1 5 3 -1 -1 -1 -1 -1 -1
        4 90 5 7 4 -1 -1 4 -1 -1 3 3 -1 -1 -1 -1 -1 -1
        5 90 5";
    let wanted = [
        "1 at=1060 8 user3/group4 program5 queue2 partition1 limit=1h runs=2m completed",
        "2 at=1090 4 user3/ runs=2m failed",
        "left out: 1 never-ran, lines [5]",
        "left out: 1 step, lines [6]",
        "left out: 1 fields, lines [7]",
    ];
    assert_eq!(said(&of(Format::Swf, text)), wanted);
}

#[test]
fn gavel_runs_as_long_as_on_its_v100s() {
    let text = "job_id,arrival_s,job_type,num_gpus,total_steps,duration_v100_s,tput_v100,tput_p100,tput_k80
        0,5.5,Language (batch size 5),2,1000,120.0,8.3,4.0,1.0";
    assert_eq!(
        said(&of(Format::Gavel, text)),
        ["0 at=5 2 / Language (batch size 5) runs=2m completed"]
    );
}
