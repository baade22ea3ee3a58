//! Shares: an average over time, not nodes.

use super::site;
use rota_sim::page::page_under;

#[test]
fn who_bought_two_more_shares_at_harvard_has_three_of_four_hours() {
    page_under(
        &site("harvard-fasrc"),
        "
        node cannon01 A100x1
        A a array=0-2 runs=1h
        B b array=0-8 runs=1h
        ",
        "
        cannon01.0 |ABBBABBBABBB.|
        ",
    );
}

#[test]
fn use_of_cannon_does_not_count_at_kempner() {
    page_under(
        &site("harvard-fasrc"),
        "
        node cannon01 A100x1
        node kempner01 H100x1
        A a pool=cannon runs=5h
        B a pool=kempner runs=1h at=5h
        C b pool=kempner runs=1h at=5h
        ",
        "
        cannon01.0 |AAAAA...|
        kempner01.0 |.....BC.|
        ",
    );
}

#[test]
fn over_use_of_an_alliance_grant_lowers_its_place_and_blocks_nothing() {
    page_under(
        &site("drac"),
        "
        begins 2026-05-01
        node ng01 A100-40x1
        A b runs=8h
        B b array=0-1 runs=1h at=7h
        C a array=0-1 runs=1h at=7h
        ",
        "
        ng01.0 |AAAAAAAACCBB.|
        ",
    );
}

#[test]
fn the_public_share_of_euler_is_limited_and_goes_last() {
    page_under(
        &site("euler"),
        "
        node eu01 A100x3
        A public/ana gpus=2 runs=3h
        B public/bob runs=1h
        C prof-b runs=2h at=1h
        D prof-b runs=1h at=1h
        E prof-a runs=1h at=2h
        ",
        "
        eu01.0 |AAAE.|
        eu01.1 |AAAD.|
        eu01.2 |.CCB.|
        ",
    );
}
