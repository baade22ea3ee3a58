use super::*;

fn gpu() -> Subject {
    Subject::Gpu("GPU-1".into())
}

fn point(busy: u64, memory: u64) -> Point {
    Point { busy, sm: None, memory: Mib(memory), power_mw: 300_000, celsius: 60 }
}

/// Days of samples, one every `each`.
fn filled(folder: &Path, days: u64, each: Span) -> Time {
    let mut series = Series::open(folder).expect("a file");
    let (begin, end) = (Span::hours(24 * 20_000).0, Span::hours(24 * (20_000 + days)).0);
    let mut now = begin;
    while now < end {
        series.note(&gpu(), Time(now), point(50, 1000));
        series.write(Time(now), |_| true);
        now += each.0;
    }
    Time(now)
}

#[test]
fn the_file_does_not_grow_with_time() {
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path(), 3, Span::seconds(20));
    let db = reader(folder.path()).expect("a file");
    let mut rows = db.prepare("SELECT step, count(*) FROM series GROUP BY step").expect("sql");
    let rows: Vec<(usize, u64)> = rows
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
        .expect("rows")
        .collect::<Result<_, _>>()
        .expect("rows");
    assert!(rows[0].1 <= 181 + 3, "every other step of an hour: {rows:?}");
    assert!(rows[1].1 <= 1440 + 2, "{rows:?}");
    assert_eq!(rows[2].1, 3 * 144);
}

#[test]
fn a_look_back_takes_the_finest_step_that_goes_so_far() {
    let folder = tempfile::tempdir().expect("a folder");
    let now = filled(folder.path(), 2, Span::seconds(20));
    let step = |back: Span| past(folder.path(), &gpu(), Time(now.0 - back.0), now);
    assert_eq!(step(Span::minutes(30)).0, Span::seconds(10));
    assert_eq!(step(Span::hours(5)).0, Span::minutes(1));
    let (length, all) = step(Span::hours(40));
    assert_eq!((length, all.len()), (Span::minutes(10), 240));
    assert_eq!((all[1].samples, all[1].busy, all[1].memory), (30, 1500, Mib(1000)));
}

#[test]
fn a_step_that_goes_on_after_a_restart_is_one_step() {
    let folder = tempfile::tempdir().expect("a folder");
    for busy in [20, 60] {
        let mut series = Series::open(folder.path()).expect("a file");
        series.note(&gpu(), Time(1000), point(busy, busy));
    }
    let (_, all) = past(folder.path(), &gpu(), Time(0), Time(2000));
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].samples, all[0].busy, all[0].memory), (2, 80, Mib(60)));
}

#[test]
fn the_sums_of_a_job_outlive_a_restart_and_the_job() {
    let folder = tempfile::tempdir().expect("a folder");
    let job = JobId::single(3);
    for _ in 0..2 {
        let mut series = Series::open(folder.path()).expect("a file");
        series.sum(job, Point { sm: Some(7), ..point(40, 5000) }, 900);
        series.sum(job, point(80, 2000), 100);
        series.write(Time(5), |_| false);
    }
    let sums = sums_of(folder.path(), job).expect("it is known");
    let (memory, energy_mj) = (Mib(5000), 2000);
    let wanted = Sums { samples: 4, busy: 240, memory, energy_mj, sm_samples: 2, sm: 14 };
    assert_eq!(sums, wanted);
    assert_eq!(sums_of(folder.path(), JobId::single(4)), None);
}

#[test]
fn a_file_of_the_first_version_is_read_and_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = Connection::open(folder.path().join(FILE)).expect("a file");
    old.execute_batch(SCHEMA).expect("tables");
    let sql = "INSERT INTO jobs VALUES ('3', 1, 2, 100, 70, 9); PRAGMA user_version = 1;";
    old.execute_batch(sql).expect("a job");
    drop(old);
    let mut series = Series::open(folder.path()).expect("a file");
    let sums = series.sum(JobId::single(3), Point { sm: Some(5), ..point(50, 80) }, 1);
    assert_eq!((sums.samples, sums.busy, sums.sm_samples, sums.sm), (3, 150, 1, 5));
}
