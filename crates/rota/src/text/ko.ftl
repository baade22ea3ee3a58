# 사람이 읽는 모든 글, 한국어.

simulated = 모의(SIMULATED) GPU: 프로그램은 실제이고 GPU는 실제가 아닙니다
not-known = 아직 알 수 없음
see-help = 쓸 수 있는 명령은 'rota --help', 'rota 명령 --help'에서 볼 수 있습니다.

# 오류
error-no-server = { $path }에서 응답하는 서버가 없습니다. 'rota up'으로 시작하십시오
error-talk = { $path }의 서버가 제대로 응답하지 않았습니다: { $why }. 'rota doctor'로 살펴보십시오
server-late = { $path }의 서버가 몇 초째 응답하지 않습니다. 계속 기다립니다. 그만두려면 Ctrl-C를 누르십시오
server-late-help = 'rota doctor'도 응답이 없다고 하면 'kill -9 { $pid }'로 서버를 끝내고 'rota up'으로 다시 시작하십시오. 그동안에도 작업은 계속됩니다
server-hangs = { $path }의 서버가 응답하지 않습니다. 'kill -9 { $pid }'로 끝내고 'rota up'으로 다시 시작하십시오. 그동안에도 작업은 계속됩니다
server-late-submit = 그만두어도 작업이 대기열에 들어갈 수 있습니다. 다시 제출하기 전에 'rota queue'로 확인하십시오
server-late-job = { $path }의 서버가 응답하지 않습니다. 작업 { $job }은(는) 서버 없이도 계속되며, 여기서는 서버를 기다립니다
server-late-leave = Ctrl-Z를 누르면 작업을 그대로 두고 나갑니다. 나중에 'rota attach { $job }'로 돌아올 수 있습니다
error-output = 출력할 수 없습니다: { $why }
error-read = { $path } 읽기 실패: { $why }
error-open = { $path } 열기 실패: { $why }
error-make = { $path } 폴더 만들기 실패: { $why }
error-write = { $path } 쓰기 실패: { $why }
error-run = { $path } 실행 실패: { $why }
error-copy = { $path } 복사 실패: { $why }
error-start = 서버를 시작하지 못했습니다. 서버가 남긴 말은 { $log }에 있습니다
error-folder-not-yours = { $path } 폴더를 다른 사람도 쓸 수 있습니다. 지우거나 XDG_RUNTIME_DIR을 지정하십시오

# 입력
bad-time = { $option } '{ $value }': 0보다 큰 시간을 쓰십시오. 예: 90s, 15m, 4h, 1d12h, 1-12:00:00
bad-begin = --begin '{ $value }': 22:00, tomorrow, 2026-05-03T09:00, now+2h처럼 시각을 쓰십시오
bad-size = { $option } '{ $value }': 0보다 큰 크기를 쓰십시오. 예: 512M, 40G, 1.5T
bad-turns = --turns '{ $value }': suspend, requeue, never 중 하나를 쓰십시오
turns-old-driver = --turns suspend: 드라이버 { $driver } 버전은 프로그램을 일시 중단할 수 없습니다. 575 이상을 설치하거나, 프로그램이 자신의 체크포인트에서 이어 간다면 --turns requeue를 쓰십시오
turns-no-driver = --turns suspend: 이 컴퓨터에는 프로그램을 일시 중단할 수 있는 NVIDIA 드라이버가 없습니다. 자신의 체크포인트에서 이어 간다면 --turns requeue를 쓰십시오
array-too-large = --array '{ $value }': 태스크는 { $most }개까지 쓸 수 있습니다. 줄이거나 태스크마다 더 많은 일을 맡기십시오
bad-array = --array '{ $value }': 0-99, 1,3,5-9:2, 0-99%8처럼 쓰십시오
bad-after = --after '{ $value }': ok:12,any:13 또는 notok:14처럼 쓰십시오
bad-signal = --signal '{ $value }': USR1@120처럼 쓰십시오(제한 시간 몇 초 전)
bad-sweep = --sweep '{ $value }': lr=1e-3,1e-4 seed=1-3처럼 쓰십시오
bad-speed = --gpu '{ $value }': 모델, 또는 A100을 1로 본 속도를 붙여 H100=2.1처럼 쓰십시오
bad-job = '{ $value }': 작업 번호가 아닙니다. 12, 배열의 태스크는 12_3처럼 쓰십시오
array-and-sweep = --array와 --sweep은 둘 다 배열을 만듭니다. 하나만 쓰십시오
nothing-to-submit = 제출할 것이 없습니다: rota submit 스크립트, 또는 rota submit -- 명령
no-folder = 작업 폴더 { $path }가 없습니다
folder-not-utf8 = 작업 폴더의 경로가 UTF-8이 아닙니다
variable-left-out = 환경 변수 { $name }은(는) UTF-8이 아니어서 뺍니다
snapshot-no-git = --snapshot: { $path }는 git 저장소가 아니어서 추적하는 파일이 없습니다
script-open-quote = { $at }: 따옴표가 닫히지 않았습니다
script-needs-value = { $at }: { $flag }에 값이 필요합니다
script-missing = { $path }: 이 폴더에 그런 스크립트가 없습니다. 그 이름의 프로그램을 실행하려면 앞에 '--'를 쓰십시오
script-not-text = { $path }: 텍스트 파일이 아닙니다. 프로그램은 '--' 뒤에 쓰십시오
script-nodes = { $at }: { $flag } { $value }: 여러 노드를 쓰려면 '#ROTA --nodes { $value } --gpus N'으로 쓰십시오. N은 노드마다 쓸 GPU 수입니다
script-one-task = { $at }: { $flag } { $value }: 작업 하나는 프로그램 하나입니다. torchrun처럼 프로그램이 직접 워커를 시작하게 하십시오
script-left-out = { $at }: { $flag }은(는) 여기서 의미가 없어 뺍니다
script-unknown = { $at }: { $flag }을(를) 이해할 수 없습니다. 빼거나 #ROTA 줄로 쓰십시오('rota submit --help' 참고)
script-bad-gres = { $at }: '{ $value }'을(를) 이해할 수 없습니다. gpu:2 또는 gpu:h100:2처럼 쓰십시오
script-bad-dependency = { $at }: '{ $value }'을(를) 이해할 수 없습니다. afterok:12 또는 afterany:12:13처럼 쓰십시오
bad-since = { $option } '{ $value }': 7d, 12h처럼 얼마 전인지, 또는 2026-11-01처럼 날짜를 쓰십시오
unknown-pool = '{ $pool }' 풀의 사용 장부가 없습니다. 장부가 있는 풀: { $known }
json-or-csv = --json과 --csv 중 하나만 쓰십시오

# 답
submitted = 작업 { $job }을(를) 제출했습니다
submitted-array = 작업 { $job }을(를) 제출했습니다(태스크 { $tasks }개)
submitted-begin = . { $when } 전에는 시작하지 않습니다
output-elsewhere = 작업 { $job }은(는) Rota 밖에서 시작되었습니다. 출력은 그때 정한 곳으로 갑니다
output-no-file = 작업 { $job }의 출력은 { $path }(으)로 가며, 다시 읽을 수 있는 파일이 아닙니다
output-is-folder = { $path }은(는) 폴더입니다. 출력을 쓸 파일을 { $path }/%j.out처럼 지정하십시오
output-not-yours = 작업 { $job }의 출력은 그 주인만 볼 수 있습니다
output-on-terminal = 작업 { $job }은(는) 터미널에서 실행됩니다. 출력은 그 터미널에만 나옵니다
output-never = 작업 { $job }은(는) 실행되지 않아 출력이 없습니다: { $how }
output-not-yet = 작업 { $job }은(는) 아직 시작하지 않았습니다. 출력은 { $path }에 쓰입니다
detached = 작업 { $job }은(는) 계속됩니다. 'rota attach { $job }'로 돌아올 수 있습니다
nobody-reads = 작업 { $job }의 출력을 읽는 곳이 없어져 취소했습니다 ('--detach'로 시작하면 그대로 둡니다)
ask-cancel = 작업 { $job }을(를) 취소할까요? Ctrl-C를 한 번 더 누르면 취소하고, Ctrl-Z를 누르면 그대로 둡니다
shell-is-one = 셸은 이 터미널의 작업 하나입니다. --array, --sweep, --output, --error, --stdin을 빼십시오
shell-needs-terminal = 셸은 입력과 출력이 모두 터미널이어야 합니다. 터미널이 없으면 'rota run -- 명령'으로 출력을 볼 수 있습니다
shell-away = 아무 키나 누르면 작업 { $job }이(가) 다시 줄을 섭니다
shell-suspended = 다른 사람의 차례라 일시 중단했습니다. 잃는 것은 없으며, 지금 입력하는 것은 전달되지 않습니다.
shell-back = 작업 { $job }을(를) 하던 곳에서 계속합니다
shell-alone = 프로그램은 계속됩니다. 서버가 다시 답하면 그 뒤의 일을 알 수 있습니다.
shell-anew = 작업 { $job }을(를) 처음부터 다시 시작합니다
shell-ask-cancel = 작업 { $job }을(를) 취소할까요? Ctrl-C를 한 번 더 누르면 취소합니다
on-terminal = 자신의 터미널
waits-start = 작업 { $job } 대기 중: 앞에 { $ahead }개, 시작 { $when }
job-ended = 작업 { $job }: { $how }
cancelled = { $count ->
    [0] 작업 { $job }은(는) 이미 취소되는 중입니다
    [1] 작업 { $job }을(를) 취소했습니다
   *[other] 작업 { $job }을(를) 취소했습니다({ $count }개)
}
held = { $count ->
    [0] 작업 { $job }은(는) 이미 보류되어 있습니다
    [1] 작업 { $job }을(를) 보류했습니다. 'rota release { $job }'로 풀 수 있습니다
   *[other] 작업 { $job }을(를) 보류했습니다({ $count }개). 'rota release { $job }'로 풀 수 있습니다
}
released = { $count ->
    [0] 작업 { $job }은(는) 보류되어 있지 않았습니다
    [1] 작업 { $job }의 보류를 풀었습니다
   *[other] 작업 { $job }의 보류를 풀었습니다({ $count }개)
}
pinned = { $count ->
    [1] 작업 { $job }을(를) 고정했습니다. 쓰지 않는 동안에도 GPU를 그대로 갖습니다. 이유는 누구나 볼 수 있습니다
   *[other] 작업 { $job }을(를) 고정했습니다({ $count }개). 쓰지 않는 동안에도 GPU를 그대로 갖습니다. 이유는 누구나 볼 수 있습니다
}
unpinned = { $count ->
    [1] 작업 { $job }의 고정을 풀었습니다
   *[other] 작업 { $job }의 고정을 풀었습니다({ $count }개)
}
changed = { $count ->
    [1] 작업 { $job }을(를) 바꾸었습니다
   *[other] 작업 { $job }을(를) 바꾸었습니다({ $count }개)
}
adopted = 프로세스 { $pid }은(는) 이제 작업 { $job }입니다
serving-everyone = 이 컴퓨터의 모두를 위한 서버: 프로세스 { $pid }, 저장소 { $store }
serving-you = { $who }만을 위한 서버(모두를 위해서는 sudo rota up --system): 프로세스 { $pid }, 저장소 { $store }
no-such-program = --notify { $path }을(를) 실행할 수 없습니다. 프로그램을 적고 chmod +x를 확인하십시오
already-serving = 서버가 이미 실행 중입니다(프로세스 { $pid })
server-stops = 서버를 멈춥니다. 실행 중인 작업은 계속되고 다음 서버가 이어받습니다
store-checked = 사건 { $events }개, 끝나지 않은 작업 { $jobs }개
store-wrong = 잘못됨: { $what }
store-rebuilt = 사건 { $events }개를 남겼습니다. 예전 저장소: { $old }
store-stopped-at = 그 뒤는 읽을 수 없었습니다: { $why }
installed = { $path }를 썼습니다. 이제 systemctl enable --now rota를 실행하십시오

# 대기열
queue-empty = 대기하거나 실행 중인 작업이 없습니다
column-job = 작업
column-name = 이름
column-who = 누구
column-state = 상태
column-gpus = GPU
column-node = 노드
column-time = 시간
column-planned = 시작 예정
column-start = 시작
column-start-done = 시작, 진행
column-end = 종료
not-predictable = 아직 예측 불가
not-forecast = 예측 안 함
not-forecast-show = 예측 안 함: 더 오래 기다린 작업이 { $most }개 있습니다
not-forecast-why = 시작 예측은 가장 오래 기다린 { $most }개 작업에만 있습니다. 앞의 작업이 줄면 이 작업에도 생깁니다
promised-by = 늦어도 { $when } (약속)
from = { $when }부터
window-middle = { $window } (절반의 경우 { $middle }까지)
show-starts = 시작 예상
show-ends = 종료 예상
column-model = 모델
column-free = 남음
column-cores = 코어
column-memory = 메모리
column-gpu-jobs = GPU(작업 또는 .)
column-gpu = GPU
column-gpu-memory = 메모리
column-utilization = 사용률
column-sm = SM
column-power = 전력
column-temperature = 온도
column-used-by = 사용
used-by-job = { $who }의 작업 { $job }
used-by-outsider = 외부 { $who }
used-by-drained = 배정 중지
gpus-unreadable = GPU 드라이버가 응답하지 않습니다({ $why }). 계속 다시 시도합니다
gpus-nothing-read = 이 기간에 읽은 값이 없습니다
show-gpu-use = GPU 사용
gpu-use-sm = {" "}(SM { $sm })
gpu-use-barely = 무언가 실행되지만 코어는 거의 쓰지 않습니다. 배치를 키워 보십시오
gpu-use = 평균 사용률 { $busy }{ $sm }, 메모리 최대 { $memory }, { $energy }
gpus-simulated = 모의 GPU이므로 읽을 값이 없습니다
note-drained = { $gpus } { $since }부터 새 작업을 받지 않음({ $by }): { $why }
note-idle = { $who }의 작업 { $job }이(가) 쓰지 않음: { $what }
note-pinned = { $who }의 작업 { $job } 고정: { $what }
idle-gpus = GPU { $gpus }개, { $since }부터
idle-empty = , 그 위에 프로그램 없음
idle-until = . 기다리는 사람이 { $until }부터 쓸 수 있음
pinned-by = { $why }({ $by }, { $since }부터)
note-outsider = { $gpu } 새 작업을 받지 않음: { $who }이(가) 차례 없이 { $command } 실행 중(프로세스 { $pid }, { $since }부터)
note-warning = { $gpu } { $what }
warning-persistence = persistence 모드가 꺼져 있어 첫 프로그램이 드라이버를 기다립니다(root로 'nvidia-smi -pm 1')
warning-heat = 5분 넘게 열 때문에 클럭이 낮아져 있습니다. 냉각을 확인하십시오
warning-power = 5분 넘게 전원 때문에 클럭이 낮아져 있습니다
warning-ecc = 드라이버가 시작된 뒤 정정하지 못한 메모리 오류 { $count }건
fault-reset = 드라이버가 이 GPU의 리셋을 요구합니다
fault-reboot = 드라이버가 이 컴퓨터의 재시작을 요구합니다
fault-recovery = 드라이버가 여기에서 새 작업을 시작하지 말라고 합니다
fault-remap-pending = 메모리의 불량 행이 다음 리셋에서 교체됩니다
fault-remap-failed = 메모리의 불량 행을 교체하지 못했습니다
fault-xid = 드라이버가 Xid { $xid } 오류를 알렸습니다. 리셋이나 수리가 필요합니다
fault-leftover = 아무도 쓰지 않는데 메모리 { $memory }가 남아 있습니다
fault-lost = 버스에서 사라졌습니다
fault-neighbour = 옆의 GPU { $gpu }번이 버스에서 사라졌습니다
fault-hung = 작업 { $job } 때문에 부른 드라이버가 돌아오지 않습니다
fault-unreadable = 드라이버가 응답하지 않습니다
drained = { $gpus ->
    [1] { $what }: 새 작업을 받지 않습니다. 실행 중인 작업은 계속됩니다
   *[other] { $what }: GPU { $gpus }개가 새 작업을 받지 않습니다. 실행 중인 작업은 계속됩니다
}
resumed = { $gpus ->
    [1] { $what }: 다시 작업을 받습니다
   *[other] { $what }: GPU { $gpus }개가 다시 작업을 받습니다
}
bad-gpus = '{ $value }'은(는) 노드도 GPU도 아닙니다. gpu01 또는 gpu01:3처럼 쓰십시오
waited = 대기 { $time }
ran = 실행 { $time }
node-down = 내려감
state-waiting = 대기
state-held = 보류
state-starting = 시작 중
state-running = 실행 중
state-idle = 쉬는 중
state-idle-pinned = 쉬는 중, 고정
state-stopping = 멈추는 중
state-suspended = 일시 중단
state-completed = 완료
state-failed = 실패
state-cancelled = 취소
state-timeout = 시간 초과

# 현황판
top-no-terminal = 'rota top'은 터미널에 그리고 터미널에서 키를 읽는데 여기에는 터미널이 없습니다. 프로그램에는 'rota queue --json'과 'rota gpus --json'이 답합니다
top-title = Rota: GPU { $all }개 중 { $free }개 비어 있음, 실행 { $running }, 대기 { $waiting }
top-unreachable = 서버에 연결되지 않아 다시 시도하고 있습니다. 이 화면은 { $when }의 모습입니다
top-late = 서버가 응답하지 않아 기다리고 있습니다. 이 화면은 { $when }의 모습입니다
top-asking = 작업 { $job }을(를) 묻는 중 ...
top-no-match = 그런 작업이 없습니다. Esc를 누르면 모두 보입니다
top-more = { $count }줄 더 있음: g를 누르면 모두 보입니다
top-filter = "{ $text }"이(가) 든 것만
top-mine = 내 것만
top-waiting = 기다리는 것만
top-keys = q 끝내기   ? 도움말   Enter 자세히   / 찾기   m 내 것   w 대기   g GPU
top-keys-filter = Enter 유지   Esc 모두
top-keys-filtered = Esc 모두   ? 도움말   q 끝내기
top-keys-page = Esc 돌아가기   위, 아래, PgUp, PgDn 넘기기
top-lines = { $all }줄 중 { $first }–{ $last }
top-help =
    지금 누구 차례이고 다음은 누구인지 보여 줍니다. 실행 중인 작업이 먼저,
    그다음 기다리는 작업이 차례 순서로 나옵니다. 화면은 저절로 바뀝니다.

    위, 아래, k, j    위, 아래 작업
    PgUp, PgDn        화면 절반씩
    Home, End         첫 작업, 마지막 작업
    Enter             그 작업의 모든 것: 무엇을 요청했고 왜 기다리며
                      무엇을 바꾸면 더 일찍 시작하는지 (rota show, rota why)
    /                 작업, 이름, 사람, 연구실, 노드, 모델에 그 글자가 든
                      작업만. Enter를 누르면 그대로 둡니다
    m                 내 작업만
    w                 기다리는 작업만
    Esc               돌아가기, 다시 모든 작업
    g                 모든 GPU: 읽은 값과, 작업을 받지 않는 GPU의 까닭
                      (rota gpus)
    q, Ctrl-C         끝내기

    시작, 진행        열에 여덟은 시작이 그 구간에 듭니다. 실행 중인
                      작업은 스스로 말한 진행
    차례              그때까지는 다른 사람이 이 GPU를 쓸 수 없습니다.
                      차례가 끝나도 더 받을 몫이 있는 사람이 없으면 계속합니다

    여기서는 아무것도 바꾸지 않습니다: rota cancel, hold, release, change, pin.
page-is-at = http://{ $address }/ 에서 그 주소에 닿는 누구에게나 대기열과 GPU를 보여 줍니다. Ctrl-C로 끝냅니다
page-network = 네트워크에서 보이는 주소입니다. 화면에는 사람과 작업의 이름이 나오고, 누구인지 묻지 않습니다.
page-cannot-listen = { $address }에서 들을 수 없습니다: { $why }. --listen으로 다른 주소와 포트를 지정하십시오
page-as-of = { $when }의 모습입니다.
page-gone = 'rota page'가 더는 답하지 않습니다. 마지막 모습입니다.
page-gpus = GPU
page-queue = 대기열
page-more = { $count }줄 더 있음: 'rota queue'에 모두 있습니다
page-progress = 작업 { $job }의 진행
column-turn = 차례
column-nodes = 노드 수
column-note = 더
turn-until = { $when }까지
turn-is-over = 차례 끝남
gpu-free = 비어 있음

# 몫, 공평성, 빌려줌
shares-common = 공통 장부
shares-title = { $pool }: { $used } { $unit } 사용(오래된 것은 적게)
shares-none = 아직 아무도 쓰지 않았습니다
turn-bound = { $pool }: 차례 { $slice }, GPU { $gpus }개를 { $grants }곳이 { $gang }개씩 나눕니다. 지금대로면 아무도 { $wait }보다 오래 기다리지 않습니다
turn-promise = { " " }(약속: { $most })
share-no-grant = (과제 없음)
column-share = 몫
column-used = 사용
column-owed = 받을 몫
column-holds = 지금
column-waits = 대기
column-used-share = 사용, | 몫
period = { $from }부터 { $until }까지
score-title = 예측 적중: { $period }
score-start = 시작 { $of }건 가운데 { $hits }건이 우리가 말한 P90 이전이었고, { $within }건이 말한 구간 안이었습니다
score-finish = 제출할 때 말한 종료 { $of }건 가운데 { $hits }건이 P90 이전이었고, { $within }건이 구간 안이었습니다
score-end = 실행을 시작할 때 말한 종료 { $of }건 가운데 { $hits }건이 P90 이전이었고, { $within }건이 구간 안이었습니다
score-none-start = 시작: 아직 결과를 아는 예측이 없습니다
score-none-finish = 제출할 때 말한 종료: 아직 결과를 아는 예측이 없습니다
score-none-end = 실행을 시작할 때 말한 종료: 아직 결과를 아는 예측이 없습니다
score-open = 작업 { $jobs }개는 아직 기다리는 중이라 예측이 맞았는지 모릅니다
score-left = 작업 { $jobs }개는 시작하기 전에 대기열을 떠나 세지 않았습니다
score-should = 열에 아홉은 P90 이전, 열에 여덟은 구간 안이어야 합니다.
score-all = 전체
score-lab = 연구실 { $lab }
score-within = { $most } 미만 대기
score-longer = { $least } 이상 대기
score-week = { $begins }부터 한 주
score-again = 시작할 때까지 말한 모든 구간, 시작하기 얼마 전에 말했는지에 따라
score-before = 시작 전 { $most } 미만
score-long-before = 시작 전 { $least } 이상
score-finish-ahead = 기다리는 동안 말한 모든 종료 구간, 종료까지 얼마나 남았다고 했는지에 따라
score-end-ahead = 실행하는 동안 말한 모든 종료 구간, 종료까지 얼마나 남았다고 했는지에 따라
score-ahead-under = { $until } 미만
score-ahead = { $from } 이상 { $until } 미만
score-ahead-over = { $from } 이상
column-ends-in = 남았다고 한 시간
column-starts-of = 시작 예측
column-forecasts = 건수
column-before-p90 = P90 이전
column-within = 구간 안
column-width = 폭
column-choice = 번호
column-what = 선택
options-title = 요청 방법별 예상, 비용은 GPU시간({ $unit })
choice-as-asked = 요청한 그대로
choice-model = { $model }에서
choice-gpus = 노드당 GPU { $gpus }개로, 그만큼 더 오래
choice-whole = GPU 하나를 통째로
choice-part = GPU 하나에서 { $mem }만으로 충분
choice-class = { $class } 등급으로
choice-later = { $when }부터, { $price } 단가로
choose = 기다려야 합니다. 어느 것으로 할까요(1~{ $most }, Enter는 1)?
bad-choice = '{ $value }'은(는) 고를 수 없습니다: 1~{ $most } 또는 best
not-chosen = 고른 것이 없어 아무것도 대기열에 넣지 않았습니다
about = { $when }쯤
soon-by = { $when } 전
fairness-title = 공평성: { $period }
column-measure = 지표
column-value = 값
column-target = 목표
column-ok = 판정
column-jobs = 작업 수
measure-share-error-median = 연구실 몫의 오차, 중앙값
measure-share-error-worst = 연구실 몫의 오차, 최대
measure-jain = 연구실 사이의 Jain 지수
measure-rho-p50 = 걸린 시간 / 자기 몫일 때, P50
measure-rho-p95 = 걸린 시간 / 자기 몫일 때, P95
measure-rho-max = 걸린 시간 / 자기 몫일 때, 최대
measure-wait-p99 = 작업의 대기 시간, P99
measure-wait-max = 작업의 대기 시간, 최대
measure-promise-max = { $of } 차례를 기다린 시간(과제별), 최대
measure-regret-p95 = 빌려줘서 주인이 기다린 시간, P95
measure-regret-max = 빌려줘서 주인이 기다린 시간, 최대
measure-lost-kept = 잃은 일, 일을 보존하는 작업
measure-lost-requeued = 잃은 일, 다시 대기한 작업(많아야)
measure-price-of-fairness = 평균 완료 시간 / 오라클(SRTF)의 것
measure-shortage = { $of } 부족률: 못 받은 것 / 원한 것
points = { $value }점
percent = { $value } %
at-most = { $value } 이하
at-least = { $value } 이상
verdict-ok = 좋음
unknown = 알 수 없음
verdict-not = 미달
labs-title = 연구실이 경쟁하는 동안 받은 것({ $unit })
column-pool = 풀
column-lab = 연구실
column-entitled = 자기 몫
column-had = 받은 것
column-error = 오차
ledger-title = 빌려준 것과 돌려받은 것: { $period }(GPU 시간)
ledger-none = 그 기간에 GPU에 권리가 있는 사람이 없었습니다
column-lent = 빌려줌
column-own = 직접 씀
column-borrowed = 빌려 씀
column-unclaimed = 권리 없는 GPU
ledger-returned = 빌려준 GPU가 돌아온 방식: 주인이 원한 때부터 비워질 때까지
column-claim = 권리
column-recalls = 회수
column-p50 = P50
column-p95 = P95
column-longest = 최대
column-grace = 유예
column-no-shows = 오지 않음

# 작업 하나
show-title = 작업 { $job }: { $state }
show-name = 이름
show-who = 누구
show-asks = 요청
show-walltime = 제한 시간
show-submitted = 제출
show-begin = 시작 시각
show-command = 명령
show-folder = 폴더
show-output = 출력
show-error = 오류 출력
show-node = 노드
show-pid = 프로세스
show-started = 시작
show-ran = 실행
show-idle = 쉬는 GPU
show-pinned = 고정
show-suspends = 일시 중단
suspends-yes = 가능
suspends-yes-cost = 가능. 길어도 { $cost } 걸리며, 차례는 { $turn } 이상입니다
suspends-unknown = 아직 시도하지 않음
suspends-slice = 불가: GPU 조각에서는 일시 중단할 수 없습니다(드라이버의 한계)
suspends-mps = 불가: MPS를 거치는 작업은 일시 중단할 수 없습니다(드라이버의 한계)
suspends-no = 불가: { $why }
show-progress = 진행
show-left = 남은 시간
progress-epoch-of = 에폭 { $epoch }/{ $last }
progress-epoch = 에폭 { $epoch }
progress-left = { $left }, { $end }쯤 끝남
progress-parts = 알 수 없음: 모두 몇 번인지 출력에 나오지 않습니다
progress-short-epoch = 에폭 { $epoch }: { $percent }
progress-short-part = 일부: { $percent }
show-ended = 종료
asks-on-nodes = 노드 { $nodes }개, 저마다{" "}
asks-gpus = GPU { $gpus }개
asks-part = GPU 하나에서 { $mem }
asks-for = { $gpus }{ $models }, 코어 { $cpus }개, { $mem }
no-memory = 메모리 지정 없음
no-limit = 없음
node-gpus = { $node }, GPU { $gpus }
part-slice = : { $mem }, 조각 하나를 혼자 씀
part-watched = : { $model } { $all } 중 { $mem }, 감시만 함
part-mps = : { $model } { $all } 중 { $mem }, MPS로 제한함
show-mps = MPS
mps-beside = MPS를 거치지 않아 감시만 함: 프로세스 { $pids }
mps-together = 이 사람의 작업 하나에 오류가 나면 이 GPU의 나머지도 끝남
ran-turns = { $time }, 차례 { $turns }번
does-not-wait = 작업 { $job }은(는) 대기 중이 아닙니다: { $state }
why-title = 작업 { $job } 대기 중: 순번 { $of }개 중 { $place }, 모두 허용된 시간을 다 쓰면 { $when } 시작
why-forecast = 시작 예측: { $window }
why-title-unknown = 작업 { $job } 대기 중: 계획된 시작 시각이 없습니다
why-title-begin = 작업 { $job } 대기 중: { $when }부터 차례를 기다립니다
ground-first = 차례 순서에서 앞에 다른 사람이 없습니다
ground-claim = 작업 { $ahead } 먼저: 그 자리에는 { $who }의 권리가 있습니다
ground-promise = 작업 { $ahead } 먼저: 그러지 않으면 { $who }이(가) { $when }부터 약속보다 오래 기다리게 됩니다
ground-spare = 작업 { $ahead } 먼저: 이 작업의 비용을 내는 예산을 다 써서 여분으로 실행합니다
ground-class = 작업 { $ahead } 먼저: { $theirs } 종류가 { $ours } 종류보다 앞섭니다
ground-share = 작업 { $ahead } 먼저: { $theirs }, { $ours }{ $pool }
ground-share-held = 작업 { $ahead } 먼저: { $theirs }, { $ours }{ $pool }. 지금 쓰는 GPU는 차례 한 번만큼 더 세어 몫과 견줍니다
ground-age = 작업 { $ahead } 먼저: { $when }에 먼저 제출했습니다
your-lab = 자신의 { $name } 연구실
your-grant = 자신의 { $name } 과제
your-person = { $name }
other-lab = { $name } 연구실
other-grant = { $name } 과제
no-grant = { $lab }(과제 없음)
is-owed = { $who }: 받을 몫이 { $hours } GPU시간 남음
had-more = { $who }: 몫보다 { $hours } GPU시간 더 씀
used = { $who }: { $hours } GPU시간 사용
sooner = { $time } 먼저
sooner-with = 하나만 바꾸면 더 일찍 시작합니다(작은 변경부터):
column-change = 변경
blocker-away = GPU를 다른 사람에게 내준 뒤 터미널에 아무도 입력하지 않았습니다. 그 터미널에 입력하면 다시 줄을 섭니다
blocker-held = 보류되어 있습니다. 'rota release'로 풀 수 있습니다
blocker-dependency = 작업 { $on }이(가) 먼저 끝나야 합니다
blocker-not-before = { $when } 전에는 시작하지 않도록 요청했습니다. 'rota change { $job } --begin now'로 앞당길 수 있습니다
blocker-array-limit = 배열의 태스크 { $most }개가 실행 중이고, 한 번에 그보다 많이 실행할 수 없습니다
blocker-gpus = 한 노드에 GPU { $asked }개를 요청했는데, { $free ->
    [0] 비어 있는 GPU가 없습니다
   *[other] 한 노드에 많아야 { $free }개가 비어 있습니다
}
blocker-gpu-memory = GPU 메모리를 { $asked }만큼 요청했는데, { $none ->
    [0] 나눠 쓸 수 있는 GPU에 남은 메모리가 없습니다
   *[other] GPU 하나에 많아야 { $free }만큼 비어 있습니다
}
blocker-gpu-memory-apart = GPU 메모리를 { $asked }만큼 요청했는데, 여기서는 한 사람의 작업끼리만 GPU를 나눠 쓰고(MPS) { $none ->
    [0] 이 사람이 쓸 수 있는 GPU가 없습니다
   *[other] 이 사람이 쓸 수 있는 것은 GPU 하나에 많아야 { $free }입니다
}
blocker-host = GPU는 비어 있지만 그 노드에 남은 CPU 코어 { $cpus }개와 메모리 { $mem }로는 모자랍니다. --cpus나 --mem을 줄이면 들어갈 수 있습니다
blocker-reserved = 비어 있는 GPU는 앞선 작업 { $job }의 몫입니다. --time을 줄이면 그 전에 들어갈 수도 있습니다
blocker-own-gpus = 일시 중단되었고, 그 GPU에서는 다른 작업의 차례입니다
blocker-drained = { $gpus ->
    [1] GPU { $which } 배정 중지: { $why }
   *[other] 받을 수 있는 GPU 가운데 { $gpus }개가 배정 중지되었습니다. 예: { $which }, { $why }
}
blocker-idle = 쓸 수 있는 GPU 가운데 { $gpus }개는 잡아 두고 쓰지 않음, 먼저 { $who }의 작업 { $job }
blocker-idle-until = . { $until }부터 기다리는 사람이 쓸 수 있음
blocker-idle-pinned = . 고정되어 있음: { $why }
blocker-outsiders = { $gpus ->
    [1] GPU { $which }에서 { $who }이(가) 차례 없이 { $command } 실행 중입니다. 'rota gpus'로 자세히 볼 수 있습니다
   *[other] 받을 수 있는 GPU 가운데 { $gpus }개에서 차례 없이 실행 중인 프로그램이 있습니다. 예: { $which }에서 { $who }의 { $command }
}
blocker-makes-no-room = 자리를 비우지 않는 작업인데, 이제 { $pool } 풀에서는 약속한 시간보다 오래 기다리는 사람이 없도록 { $slice }까지만 실행할 수 있습니다. 'rota change'로 --time { $slice }을(를) 주거나, 프로그램이 자신의 체크포인트에서 이어 간다면 --turns requeue를 주십시오
blocker-nodes-down = 받을 수 있는 노드가 모두 내려가 있습니다
blocker-limit = { $rule }({ $who }{ $pool })
limit-gpus = GPU는 한 번에 { $most }개까지이고 지금 { $used }개를 쓰고 있습니다
limit-jobs = 작업은 한 번에 { $most }개까지이고 지금 { $used }개가 실행 중입니다
limit-gpus-per-job = 작업 하나는 GPU { $most }개까지인데 { $used }개를 요청했습니다. 'rota change'로 줄이십시오
limit-max-time = 작업 하나는 { $most }까지인데 { $used }을(를) 요청했습니다. 'rota change --time'으로 줄이십시오
limit-booked-gpu-days = 실행 중인 작업이 예약할 수 있는 것은 { $most } GPU일까지이고 지금 { $used } GPU일입니다. --time을 줄이면 덜 예약합니다
in-pool = , { $pool } 풀
until = { " " }({ $when }까지)
blocker-spent = { $who }의 예산을 다 썼습니다{ $until }
blocker-claimed = 남은 GPU에는 { $who }의 권리가 있어{ $until } 빌릴 수 없습니다
outcome-exited = 종료 코드 { $code }
outcome-signaled = { $signal } 신호로 종료
outcome-timeout = 제한 시간에 멈춤
outcome-part-exceeded = 멈춤: GPU 메모리 몫 { $part }를 넘어 { $used }를 씀
outcome-cancelled = { $by }이(가) 취소
outcome-not-started = 시작하지 못함: { $why }
outcome-dependency-failed = 작업 { $on }이(가) 의존 조건을 만족할 수 없게 끝남
outcome-lost = 유실: { $why }
happened-submitted = 제출
happened-adopted = 편입
happened-held = { $by }이(가) 보류
happened-released = { $by }이(가) 보류 해제
happened-lined-up = 요청한 시각이 됨, 이제 차례를 기다림
happened-changed = { $by }이(가) 변경
happened-cancel-asked = { $by }이(가) 취소 요청
happened-room-kept = 이 작업을 위해 GPU를 비우는 중
happened-start-decided = { $how ->
    [resume] { $turn }번째 차례 시작: 이어서 실행
   *[other] { $turn }번째 차례 시작: { $run }번째 실행
} ({ $reason })
happened-started = 실행 시작
happened-stop-decided = { $turn }번째 차례: { $how ->
    [suspend] 일시 중단
    [requeue] 끝내고 다시 대기
   *[other] 끝내기
} ({ $reason })
happened-suspended = 일시 중단됨
happened-suspend-failed = 일시 중단하지 못함: { $why }
happened-requeued = 다시 대기
happened-requeued-because = 다시 대기: { $why }
happened-warned = { $signal } 사전 신호를 보냄
happened-went-idle = GPU { $gpus }개를 { $since }부터 쓰지 않음{ $empty ->
    [1] , 그 위에 프로그램도 없음
   *[other] {""}
}
happened-went-busy = GPU를 쓰기 시작함
happened-person-returned = 사용자가 다시 입력함
happened-idle-warned = { $until ->
    [none] GPU를 쓰지 않는다고 알림
   *[other] GPU를 쓰지 않으며 { $until }부터 다른 사람이 쓸 수 있다고 알림
}
happened-pinned = { $by }이(가) 고정: { $why }
happened-unpinned = { $by }이(가) 고정을 품
happened-part-exceeded = GPU 메모리 몫 { $part }를 넘어 { $used }를 쓰는 중, 계속되면 멈춤
happened-part-kept = 다시 자기 몫 안에서 씀
happened-ended = { $outcome }
reason-in-order = 순서상 처음
reason-backfill = 앞선 작업 전에 들어감
reason-room-made = 자리가 마련됨
reason-turn-over = 차례가 끝남, 다음은 작업 { $job }
reason-own-claim = 자기 권리가 있는 GPU에서
reason-promise = 기다림의 약속을 지키기 위해
reason-reclaimed = 권리가 있는 쪽이 GPU를 돌려받음, 작업 { $job }
reason-gave-way = 여분으로 실행 중이어서 작업 { $job }에 자리를 내줌
reason-idle = GPU를 쓰지 않음, 다음은 작업 { $job }
reason-walltime = 제한 시간이 끝남
reason-gpu-failed = GPU 고장
reason-part-exceeded = GPU 메모리를 자기 몫보다 많이 씀
reason-asked = 사람의 요청

# 비용과 예약
quote-title = 드는 비용, GPU시간({ $unit })
column-an-hour = 시간당
column-for = 길이
column-costs = 비용
one-turn = { $time }(차례 한 번)
now = 지금
purse-left = { $who } 예산: { $until }까지 { $left } 남음, 가장 싼 것을 쓰면 { $after }
purse-short = { $who } 예산: { $until }까지 { $left } 남음. 가장 싼 것보다 적습니다
bad-moment = --from '{ $value }': "2026-11-27 13:00", 13:00, now, now+2h 중 하나로 쓰십시오(현지 시각)
booked = 예약 { $number }: { $gpus }, { $from }부터 { $until }까지, { $cost } GPU시간
booked-note = 시간이 되면 자신의 작업이 그 자리에서 시작합니다. 오기 전에는 다른 사람이 쓸 수 있고, 15분이 지나면 더 기다리지 않습니다. 시작 전에 취소하면 비용이 없고, 시작 뒤에는 돌려받지 못합니다.
bookings-empty = 예약이 없습니다
begun-until = { $when } (진행 중)
column-number = 예약
column-from = 부터
column-until = 까지
column-why = 까닭
unbooked = 예약 { $number }을(를) 물렸습니다. { $hours } GPU시간을 돌려받았습니다
unbooked-unpaid = 예약 { $number }을(를) 물렸습니다. 이미 시작했으므로 돌려받는 것은 없습니다

# 정책
policy-good = { $path }: 이 정책은 적용할 수 있습니다
policy-no-server = 응답하는 서버가 없어 노드와 사람에 달린 것은 살펴보지 못했습니다.
policy-not-text = { $path }: UTF-8 텍스트가 아닙니다
policy-error = 오류
policy-warning = 주의
policy-meant = 혹시 { $meant }?
policy-faults = 오류 { $errors }개, 주의 { $warnings }개: 이 정책은 적용할 수 없습니다
policy-applied-by = { $when }에 { $who }이(가) 적용했습니다. 바꾸려면 사본을 고친 뒤
    'rota policy diff 파일', 'rota policy apply 파일'을 실행하십시오.
policy-never-applied = 정책을 적용한 적이 없습니다. 아래는 기본값으로, 모든 연구실의 몫이 같고
    차례를 지켜 번갈아 씁니다. 자신의 정책을 쓰려면 사본을 고친 뒤
    'rota policy check 파일', 'rota policy apply 파일'을 실행하십시오.
policy-nothing-changes = 바뀌는 것이 없습니다.
policy-entitled = 연구실마다 쓸 권리가 있는 GPU의 비율(단가 기준):
policy-waits = 차례를 기다리는 가장 긴 시간:
policy-lines = 정책에서 바뀌는 줄:
policy-no-pool = (풀 없음)
policy-none = 없음
policy-bound = 지금 상황에서 { $before } → { $after }
policy-promise = 약속 { $before } → { $after }
policy-jobs-pass = 실행 중인 작업 { $jobs }개가 이를 넘습니다: 그 차례가 끝날 때까지 그대로 둡니다
policy-ask = 이 정책을 적용할까요? [y/N]{" "}
policy-needs-yes = 여기서는 물어볼 수 없습니다. 'rota policy diff'로 살펴본 뒤 --yes를 붙이십시오
policy-not-applied = 아무것도 적용하지 않았습니다.
policy-applied = 정책을 적용했습니다. 실행 중인 작업은 계속됩니다.

# 이 컴퓨터
doctor-driver = 드라이버
doctor-no-driver = 없음: 작업은 GPU 없이 실행됩니다. 'rota up --simulate campus'는 모의 GPU를 보여 줍니다
doctor-version = NVIDIA { $version }
doctor-unreadable = GPU를 읽을 수 없습니다: { $why }
doctor-silent = 드라이버가 응답하지 않습니다
doctor-gpu = GPU
doctor-slices = { $count ->
    [0] MIG로 나뉘어 있지만 조각이 없어 작업에 줄 것이 없습니다
   *[other] MIG 조각 { $count }개로 나뉘어 있습니다. 작업에는 조각 하나를 이름으로 주며, GPU 차단은 카드 전체를 여는 것까지 허용합니다
}
doctor-gpu-is = { $product }, { $memory } ({ $uuid })
doctor-persistence = persistence mode가 꺼져 있어 처음 쓸 때마다 드라이버를 기다립니다. root로 'nvidia-smi -pm 1'을 실행하십시오
doctor-one-program = compute mode 때문에 한 번에 프로그램 하나만 쓸 수 있어 MPS로만 나눠 쓸 수 있습니다. root로 'nvidia-smi -c 0'을 실행하면 바뀝니다
doctor-no-program = compute mode 때문에 어떤 프로그램도 쓸 수 없습니다. root로 'nvidia-smi -c 0'을 실행하면 바뀝니다
doctor-mps = MPS
doctor-mps-there = { $path }: mps = true인 풀에서 GPU 몫마다 메모리를 제한합니다
doctor-mps-missing = 드라이버에 딸려 오는 nvidia-cuda-mps-control이 없습니다. GPU 몫은 감시만 하고 제한하지는 않습니다
doctor-mps-quiet = { $path }에는 응답하는 데몬이 없습니다. 그곳의 데몬을 찾는 프로그램은 MPS 없이 실행됩니다
doctor-mps-gone = { $path }에는 응답하는 데몬이 없습니다. 그곳의 작업은 감시만 하고 제한하지는 않습니다. { $owner }의 다음 작업이 데몬을 시작합니다
doctor-mps-others = { $path }의 주인은 { $owner }입니다. 'sudo rota doctor'로 그곳의 데몬에 물을 수 있습니다
doctor-mps-hangs = { $path }의 데몬이 응답하지 않습니다. 이 데몬을 찾는 프로그램이 멈출 수 있습니다. { $owner } 계정으로 nvidia-cuda-mps-control 프로세스를 끝내십시오
doctor-mps-idle = { $path }의 데몬이 응답합니다({ $owner }). 거치는 프로그램은 없습니다
doctor-mps-busy = { $path }의 데몬이 응답합니다({ $owner }). 그 서버를 거치는 프로세스: { $clients }
doctor-mps-usual = 다른 데몬을 알려 주지 않은 프로그램은 Rota의 작업까지 모두 이 데몬을 거칩니다. 그런 작업은 일시 중단할 수 없고, 하나에 오류가 나면 모두 끝납니다. 의도한 것이 아니면 { $owner } 계정에서 'echo quit | nvidia-cuda-mps-control'로 끝내십시오
doctor-mps-strangers = Rota의 작업이 시작하지 않은 프로세스: { $clients }. 이 사용량은 누구의 지분이나 한도에도 들지 않고, 하나에 오류가 나면 곁의 작업도 끝납니다. 'rota run'으로 작업으로 시작하십시오
doctor-mps-people = 여러 사람({ $people })이 한 데몬을 씁니다. 한 사람의 오류로 모두의 작업이 끝납니다. mps = true인 풀에서는 사람마다 자기 데몬을 씁니다
doctor-turns = 차례
doctor-turns-suspend = GPU를 쓰는 프로그램을 일시 중단할 수 있습니다. --turns suspend로 시도합니다
doctor-turns-requeue = 이 드라이버는 프로그램을 일시 중단할 수 없습니다. --turns requeue를 쓰거나 575 이상을 설치하십시오
doctor-group = cgroup
doctor-group-works = 작업마다 따로 control group을 둡니다
doctor-group-instead = 작업을 환경 변수로만 구분하고 시그널로 멈춥니다
doctor-freeze = 멈춤
doctor-freeze-works = 작업 전체를 한꺼번에 멈추며 프로그램은 알아채지 못합니다
doctor-freeze-instead = 대신 모든 프로세스에 시그널을 보냅니다. 프로그램이 알아챌 수 있습니다
doctor-kill = 종료
doctor-kill-works = 멈춰 있는 작업도 한꺼번에 끝냅니다
doctor-filter = GPU 차단
doctor-filter-works = 작업은 배정받지 않은 GPU를 열 수 없습니다
doctor-filter-instead = 작업이 원하면 다른 GPU를 열 수 있습니다
doctor-cpu = CPU 시간
doctor-cpu-works = 요청한 코어 수에 따라 나눕니다
doctor-memory = 메모리
doctor-memory-works = 작업은 요청한 것보다 많이 쓸 수 없습니다
doctor-processes = 프로세스
doctor-processes-works = 폭주하는 프로그램은 32768개에서 막습니다
doctor-limit-instead = 제한하지 않습니다
doctor-no-mount = cgroup v2가 마운트되어 있지 않음
doctor-needs-root = root만 할 수 있음: 'rota up --system'
doctor-no-controller = 여기 cgroup v2에는 '{ $name }' 컨트롤러가 없음. cgroup v1이 가지고 있을 수 있음
doctor-server = 서버
doctor-identity = 권한
doctor-root = root: 'rota up --system'으로 이 컴퓨터의 모두에게 쓸 수 있게 합니다
doctor-not-root = root 아님: 서버는 자신만을 위해 실행됩니다
doctor-store = 저장소
doctor-store-free = { $path } ({ $free } 남음)

# 데모
demo-left = 모의(SIMULATED) GPU: 작업 { $all }개 중 { $left }개 남음, 노드에 { $running }개
demo-done = 모의(SIMULATED) GPU, 실제 프로그램: 작업 { $jobs }개를 { $seconds }초에, { $ok }개가 종료 코드 0
demo-turns = 시작한 차례     { $turns }
demo-longest-wait = 가장 긴 대기    { $time }
demo-gpu-hours = GPU 시간        { $lab } { $hours }
demo-lost = 잃은 일         { $hours } GPU 시간
demo-next = 실제로 시작하려면:
demo-next-run = {"  "}rota run -- python train.py    서버가 없으면 자신만의 서버를 시작합니다
demo-next-up = {"  "}sudo rota up --system          이 컴퓨터의 모두를 위한 서버를 시작합니다

# 명령줄을 잘못 썼을 때
clap-unknown-argument = '{ $what }' 옵션이 없습니다
clap-invalid-subcommand = '{ $what }' 명령이 없습니다
clap-missing-argument = 빠진 것이 있습니다: { $what }
clap-invalid-value = '{ $what }'에 '{ $value }'은(는) 쓸 수 없습니다
clap-no-value = '{ $what }'에 값이 빠졌습니다
clap-conflict = '{ $what }'은(는) '{ $other }'와(과) 함께 쓸 수 없습니다
clap-like = 비슷한 것: { $what }
clap-values = 쓸 수 있는 값: { $what }
clap-no-number = { $what }: '{ $value }'은(는) 정수가 아닙니다
clap-missing-subcommand = 명령이 빠졌습니다

# 서버의 거절
problem-accounts-need-simulation = 사람은 모의 클러스터에서만 고를 수 있습니다. --person을 빼십시오
problem-not-your-lab = '{ $lab }' 그룹에 속해 있지 않습니다. 'id'로 자신의 그룹을 볼 수 있습니다
problem-already-ended = 작업 { $job }은(는) 이미 끝났습니다. 'rota show { $job }'로 결과를 볼 수 있습니다
problem-already-running = { $path }에서 이미 서버가 실행 중입니다. 'rota down'으로 멈출 수 있습니다
problem-bad-array = 배열에는 번호가 서로 다른 태스크가 1~{ $most }개 있어야 합니다. { $asked }개를 요청했습니다
problem-bad-job = 작업은 12, 배열의 태스크는 12_3처럼 씁니다
problem-bad-name = 작업 이름은 512바이트까지이고 줄바꿈이나 제어 문자를 쓸 수 없습니다
problem-bad-period = 기간의 끝이 시작보다 앞서거나 시작이 미래입니다. --since와 --until을 순서대로 쓰십시오
problem-bad-request = 요청을 이해할 수 없습니다: { $why }
problem-bad-simulate = '{ $text }'은(는) 모의 노드 목록이 아닙니다. 노드마다 모델*GPU 수(1~64)로 쓰십시오. 예: h100*8,a100*4 또는 campus
problem-bad-value = { $field ->
    [cpus] CPU 코어는 하나 이상이어야 합니다
    [nodes] 작업은 노드 하나에 있거나, 여러 노드마다 GPU를 써야 합니다
    [time] 실행 시간 제한은 0보다 길고 10년 이하여야 합니다
    [grace] 종료 유예 시간은 하루 이하여야 합니다
    [array] 태스크가 적어도 하나는 실행될 수 있어야 합니다
    [list] 모델은 64개, 의존하는 작업은 1000개까지 쓸 수 있습니다
    [signal] 신호는 1에서 64까지의 번호입니다
    [gpus] 예약에는 GPU가 하나 이상 필요합니다
    [why] 이유는 512바이트 이내 한 줄로 쓰십시오
   *[other] { $field } 값을 쓸 수 없습니다: { $why }
    }
problem-begin-too-far = 시작 시각은 지금부터 1년 안이어야 합니다. 그때가 가까워지면 다시 제출하십시오
problem-booked-out = GPU { $asked }개를 요청했지만, 그 시간에 권리나 예약이 없고 자리를 비우지 않는 작업도 쓰지 않는 GPU는 { $free }개입니다. 줄이거나 다른 시간을 고르십시오
problem-booking-breaks-promise = { $pool } 풀에서는 아무도 { $promise }보다 오래 기다리지 않는데, 이 예약이 있으면 더 기다리는 사람이 생길 수 있습니다. { $most ->
    [0] GPU를 줄이거나
   *[other] GPU를 줄이거나 { $most } 이내로 하거나
    } 다른 풀에 예약하십시오
problem-booking-budget = { $price } GPU시간이 드는데 { $who } 예산에는 { $left } GPU시간이 남았습니다. 줄이거나 더 싼 시간을 고르십시오
problem-booking-length = 예약은 { $least }부터 { $most }까지입니다. --for를 바꾸십시오
problem-booking-limit = 그곳에서는 한 번에 GPU { $most }개까지 쓸 수 있습니다. { $most }개까지 예약하십시오
problem-booking-not-yours = 예약 { $number }은(는) { $owner }의 것입니다. { $owner } 또는 관리자(root)만 물릴 수 있습니다
problem-booking-past = 예약은 지금이나 나중에 시작합니다. --from에 앞으로의 시각을 쓰십시오
problem-booking-too-far = 예약은 { $days }일 안에 시작해야 합니다
problem-cannot-file = { $path }을(를) 쓸 수 없습니다: { $why }
problem-dependency-broken = 작업 { $number }은(는) 이미 끝나서 그 의존 조건을 만족할 수 없습니다. 빼십시오
problem-dependency-cycle = 작업 { $number }이(가) 자기 자신을 기다리게 됩니다. 되돌아오는 의존을 빼십시오
problem-dependency-missing = 기다릴 작업 { $number }은(는) 여기에 제출된 적이 없습니다. 'rota queue --all'을 보십시오
problem-empty-command = 실행할 것이 없습니다. '--' 뒤에 명령을 쓰십시오
problem-engine = 작업을 실행할 수 없습니다: { $why }
problem-env-too-large = 인자와 환경 변수가 시스템 한도보다 큽니다: { $size }바이트, 최대 { $most }바이트. 데이터는 파일로 넘기십시오
problem-gpu-in-use = GPU { $gpu }은(는) 작업 { $job }이(가) 쓰고 있습니다. 다른 GPU를 고르거나 끝날 때까지 기다리십시오
problem-internal = 서버 내부 오류: { $why }
problem-makes-no-room = { $pool } 풀에서는 아무도 { $wait }보다 오래 기다리지 않으므로, 자리를 비우지 않는 작업은 { $slice }까지만 실행합니다. --time { $slice }을(를) 쓰거나, 프로그램이 자신의 체크포인트에서 이어 간다면 --turns requeue를 쓰십시오
problem-needs-admin = 모두를 위한 서버는 관리자(root)만 멈출 수 있습니다
problem-needs-root = 모두를 위한 서버는 root가 시작해야 합니다: 'sudo rota up --system'. root가 아니면 'rota up'이 자신만을 위한 서버를 시작합니다
problem-no-such-booking = 예약 { $number }이(가) 없습니다. 'rota bookings'로 모두 볼 수 있습니다
problem-which-pool = --pool로 풀을 고르십시오: { $known }
problem-no-such-call = 서버가 이 요청을 모릅니다. rota와 서버의 버전이 같은지 확인하십시오
problem-no-such-gpu = 이 컴퓨터에는 GPU { $gpu }이(가) 없습니다: GPU는 { $gpus }개입니다('rota gpus' 참고)
problem-no-such-gpu-there = { $node }에는 GPU { $gpu }번이 없습니다: 0번부터 세어 { $gpus }개입니다
problem-no-such-node = 노드 { $node }이(가) 없습니다. 'rota gpus'로 모두 볼 수 있습니다
problem-node-without-gpus = { $node }에는 배정을 중지하거나 재개할 GPU가 없습니다
problem-not-pinned = 작업 { $job }은(는) 고정되어 있지 않습니다. 'rota show { $job }'로 볼 수 있습니다
problem-pin-without-why = 이유를 { $most }바이트 이내 한 줄로 쓰십시오. 누구나 볼 수 있습니다: --why "15시 시연"
problem-not-drained = 배정 중지된 GPU가 없습니다: { $what }. 'rota gpus'로 볼 수 있습니다
problem-drain-needs-admin = GPU 배정의 중지와 재개는 관리자(root)만 할 수 있습니다. 'rota gpus'로 볼 수 있습니다
problem-drain-without-why = 기다리는 사람을 위해 까닭을 { $most }바이트 이내 한 줄로 쓰십시오: --why "팬 고장"
problem-no-such-job = 작업 { $job }이(가) 없습니다. 'rota queue --all'로 모두 볼 수 있습니다
problem-no-such-process = 프로세스 { $pid }이(가) 없습니다. 'ps'로 실행 중인 프로세스를 볼 수 있습니다
problem-no-parts-here = { $pool } 풀에서는 GPU를 나눠 쓰지 않습니다. --gpu-mem을 빼고 GPU 하나를 통째로 요청하거나, 다른 풀이나 모델을 고르십시오
problem-not-waiting = 작업 { $job }은(는) 대기 중이 아니어서({ $state }) 바꿀 수 없습니다. 취소하고 새로 제출하십시오
problem-not-your-process = 프로세스 { $pid }은(는) 본인 것이 아닙니다. 그 주인이나 root만 편입할 수 있습니다
problem-not-yours = 작업 { $job }은(는) { $owner }의 것입니다. { $owner } 또는 관리자(root)만 할 수 있습니다
problem-only-slices = 여기 GPU는 조각으로 나뉘어 있고 작업 하나는 조각 하나만 쓸 수 있습니다. --gpu-mem으로 요청하거나 --gpus 1 --gpu { $model }처럼 이름으로 요청하십시오
problem-part-of-many = 나눠 쓰는 몫은 노드 하나에 있는 GPU 하나의 메모리입니다. 노드 { $nodes }개에 GPU { $gpus }개씩을 요청했습니다. GPU를 통째로 쓰려면 --gpu-mem을 빼십시오
problem-stopping = 서버가 멈추는 중입니다. 다시 해 보십시오. 'rota up'이 새 서버를 시작합니다
problem-store-damaged = 저장소 { $path }이(가) 손상되었습니다: { $why }. 아무것도 바꾸지 않았습니다. 'rota admin check'는 읽을 수 있는 것을 보여 주고, 'rota admin rebuild'는 읽을 수 있는 기록으로 새 저장소를 만들고 손상된 것은 옆에 남겨 둡니다
problem-store-full = 저장소 { $path }에 쓸 수 없습니다. 그곳에 공간을 마련하십시오. 확인된 것은 하나도 잃지 않았습니다
problem-system-process = 프로세스 { $pid }은(는) 시스템의 것이거나 Rota 자신을 실행하고 있습니다. 직접 시작한 프로그램을 편입하십시오
problem-too-many-cpus = CPU 코어 { $asked }개를 요청했지만, 맞는 노드에는 많아야 { $most }개가 있습니다
problem-no-gpus = GPU { $asked }개를 요청했지만 여기에는 GPU가 없습니다. 'rota gpus'와 'rota doctor'를 보십시오
problem-too-many-nodes = 노드 { $asked }개를 요청했지만, 한 풀에서 한 모델로 그 몫을 받을 수 있는 노드는 { $most }개까지입니다
problem-too-many-gpus = GPU { $asked }개를 요청했지만, 맞는 노드에는 많아야 { $most }개가 있습니다. { $most }개까지 요청하십시오
problem-too-much-gpu-memory = GPU 메모리를 { $asked }만큼 요청했지만, 나눠 쓸 수 있는 GPU에는 많아야 { $most }만큼 있습니다. 줄이거나 GPU를 통째로 요청하십시오
problem-too-much-memory = 메모리 { $asked }를 요청했지만, 맞는 노드에는 많아야 { $most }가 있습니다
problem-unknown-model = '{ $model }' 모델의 GPU가 있는 노드가 없습니다. 여기 있는 모델: { $known }
problem-unknown-node = 그런 노드가 없습니다

problem-beyond-limit = 정책에서 { $of }: { $what } = { $most }까지인데 { $asked }을(를) 요청해서 결코 시작할 수 없습니다. 줄여서 요청하십시오
problem-too-long = { $class } 클래스의 작업은 { $most }까지 실행할 수 있는데 { $asked }을(를) 요청했습니다. --time을 줄이거나 다른 클래스를 쓰십시오
problem-unknown-class = '{ $name }' 클래스가 없습니다. 정책에 있는 클래스: { $known }
problem-unknown-pool = '{ $name }' 풀이 없습니다. 정책에 있는 풀: { $known }
problem-unknown-grant = 이 연구실에는 '{ $name }' 과제가 없습니다. 정책에 있는 과제: { $known }
problem-policy-needs-admin = 정책은 관리자(root)만 적용할 수 있습니다. 무엇이 바뀌는지는 누구나 'rota policy diff'로 볼 수 있습니다
problem-policy-refused = 정책을 적용하지 않았습니다: { $why }. 어디가 잘못되었는지는 'rota policy check'로 볼 수 있습니다

# 정책 파일의 잘못
problem-policy-no-toml = TOML 문법에 맞지 않습니다: { $why }
problem-policy-too-large = 파일이 { $most }바이트보다 큽니다. 정책이 이렇게 클 수 없습니다
problem-policy-unknown-key = { $word }에는 '{ $key }'이(가) 없습니다. 쓸 수 있는 것: { $known }
problem-policy-missing-key = 이 { $word } 줄에 { $key }이(가) 빠졌습니다. 예: { $example }
problem-policy-no-table = { $word }은(는) 표로 씁니다. 예: { $word } = [ {"{"} … {"}"} ] 또는 [[{ $word }]]
problem-policy-bad-table = { $key } 값은 표여야 합니다: { $wanted }
problem-policy-bad-text = { $key } = { $value }: 따옴표 안의 글이어야 합니다
problem-policy-bad-count = { $key } = { $value }: 4처럼 정수여야 합니다
problem-policy-bad-decimal = { $key } = { $value }: 2나 0.35처럼 0 이상이고 소수점 아래 세 자리까지인 수여야 합니다
problem-policy-bad-flag = { $key } = { $value }: true 또는 false여야 합니다
problem-policy-bad-time = { $key } = { $value }: 0보다 큰 시간이어야 합니다. 예: "90s", "15m", "4h", "1d12h"
problem-policy-bad-date = { $key } = { $value }: 날짜나 시각이어야 합니다. 예: 2026-12-31, "2026-12-31 18:00"
problem-policy-bad-when = { $key } = { $value }: 요일과 시간이어야 합니다. 예: "Tue,Thu 13:00-16:00", "daily 22:00-08:00", "평일 09:00-18:00"
problem-policy-bad-period = { $key } = { $value }: "month", "quarter", "year", "2026" 같은 해, 또는 "2026-03-01..2027-02-28" 같은 기간이어야 합니다
problem-policy-bad-choice = { $key } = { $value }: { $wanted } 중 하나여야 합니다
problem-policy-bad-zone = { $key } = { $value }: 시간대가 아닙니다. 예: "Asia/Seoul"
problem-policy-bad-who = { $key } = { $value }: 누구인지 알 수 없습니다. "lab/kim", "lab/kim/과제", "class/CS470", "person/ana", "everyone"처럼 쓰십시오
problem-policy-bad-scope = { $key } = { $value }: 누구인지 알 수 없습니다. "each person", "each grant", "each lab" 또는 "lab/kim"처럼 쓰십시오
problem-policy-bad-list = { $key } = { $value }: ["a", "b"] 같은 목록이어야 합니다
problem-policy-bad-nodes = { $key } = { $value }: 노드 목록이 아닙니다. 예: "h1", "g[01-36]", "gpu-*"
problem-policy-bad-gpus = { $key } = { $value }: GPU 수 또는 "all"이어야 합니다
problem-policy-bad-lend = { $key } = { $value }: true, false 또는 "owners"여야 합니다
problem-policy-bad-rank = { $key } = { $value }: 0에서 255까지의 수여야 합니다. 클수록 먼저입니다
problem-policy-who-and-rotate = 권리는 하나의 것(who)이거나 돌아가며 갖는 것(rotate)입니다. 하나만 남기십시오
problem-policy-ends-before-it-begins = 시작하기 전에 끝납니다. until은 from보다 뒤여야 합니다
problem-policy-limits-nothing = 이 limit은 아무것도 제한하지 않습니다. 다음 중 하나를 쓰십시오: { $known }
problem-policy-promise-needs-pool = 약속은 풀 하나에 대한 것입니다. 어느 풀인지 쓰십시오: pool = "h100"

# 정책의 모순
problem-policy-too-many-pools = 풀은 { $most }개까지입니다
problem-policy-unknown-pool = '{ $name }' 풀이 없습니다. 이 정책에 있는 풀: { $known }
problem-policy-unknown-class = '{ $name }' 클래스가 없습니다. 이 정책에 있는 클래스: { $known }
problem-policy-named-twice = { $what } '{ $name }'은(는) 앞에도 있습니다. 하나만 남기십시오
problem-policy-node-in-two-pools = 노드 '{ $node }'은(는) 이미 '{ $other }' 풀에 있습니다. 노드는 한 풀에만 속하니 한쪽에서 빼십시오
problem-policy-pool-without-nodes = '{ $pool }' 풀에 속하는 노드가 여기에 없습니다. 여기 있는 노드: { $known }
problem-policy-claim-too-large = { $who }의 권리는 GPU { $sum }개인데 '{ $pool }' 풀에는 { $has }개가 있습니다. { $has }개까지 쓰십시오
problem-policy-claims-too-large = { $before }, { $who }의 권리를 합치면 같은 시간에 '{ $pool }' 풀의 GPU { $sum }개인데 { $has }개가 있습니다. 하나를 줄이거나 시간을 나누십시오
problem-policy-claims-all-twice = { $before }, { $who }의 권리가 '{ $pool }' 풀에서 같은 시간에 겹치고 그중 하나는 전부입니다. 각각 몇 개인지 쓰십시오
problem-policy-two-defaults = '{ $first }' 클래스와 '{ $name }' 클래스가 모두 기본값입니다. 하나만 기본일 수 있습니다
problem-policy-no-default = 기본 클래스가 없어서, 클래스를 쓰지 않은 작업은 '{ $name }'이(가) 됩니다. default = true를 쓰십시오
problem-policy-nothing-fits = { $key } = 0이면 그 작업은 하나도 시작하지 못합니다
problem-policy-books-too-little = 제한 시간을 쓰지 않은 GPU 1개짜리 작업은 { $days } GPU일을 예약하므로 결코 시작할 수 없습니다. 적어도 { $days }을(를) 허용하십시오
problem-policy-charge-used = charge = "used"에는 GPU 사용량 측정이 필요한데 아직 없습니다. "allocated"로 쓰십시오
problem-policy-boost-unexplained = { $who }의 가중치 상향에 { $keys }이(가) 없습니다. 다른 사람들이 물어볼 것입니다
problem-policy-stops-too-early = stop_at은 여분 사용까지 끝나는 비율인데, 예산을 다 쓰기도 전에({ $percent } %) 끝납니다. 1 이상으로 쓰십시오
problem-policy-told-too-late = { $warn } 뒤에 알리고 { $stop } 뒤에 다른 사람이 GPU를 쓸 수 있습니다. 더 일찍 알리십시오
problem-policy-sm-below = sm_below = { $below }이면 GPU를 잘 쓰는 작업도 내놓게 됩니다. 0.01이면 거의 쓰지 않는 작업을 찾습니다
problem-policy-mps-whole = 풀 { $pool }에서는 GPU를 나눠 쓰지 않으므로 mps는 아무 일도 하지 않습니다
problem-policy-turn-short = 차례가 { $slice }이면 바꾸는 데 많은 시간을 잃습니다. 보통 1h 이상입니다
problem-policy-is-over = 이 줄은 기간이 지나 더는 아무 일도 하지 않습니다. 지우십시오
problem-policy-protected-without-end = '{ $name }' 작업은 중간에 멈추지 않고 max_time도 없어서 '{ $pool }' 풀에서 차례를 약속할 수 없습니다. 클래스에 max_time을 쓰십시오
problem-policy-turn-never-ends = '{ $pool }' 풀에서 어떤 작업도 { $hold }보다 오래 실행할 수 없으니 { $slice } 차례는 끝나는 일이 없습니다. slice = "{ $hold }"로 쓰면 잃는 것 없이 더 짧은 기다림을 약속할 수 있습니다
problem-policy-promise-below-a-turn = { $pool } 풀: GPU를 { $slice } 동안 쓸 수 있으므로 { $promise } 안에 차례가 온다고 약속할 수 없습니다. max_wait = "{ $least }" 이상으로 쓰거나 차례를 줄이십시오
problem-policy-promise-beside-slices = { $pool } 풀에는 온전한 GPU와 조각이 함께 있습니다. max_wait은 온전한 GPU에 대한 약속이며, 조각을 지정한 작업에는 약속이 없습니다. 조각만 따로 풀로 두면 약속할 수 있습니다
problem-policy-promise-suspended = { $pool } 풀에는 노드가 여럿입니다. 일시 중단된 작업은 자신의 GPU에서만 이어 갈 수 있어 { $promise }보다 { $slice }까지 더 기다릴 수 있습니다. max_wait = "{ $wait }"은(는) 늘 지킬 수 있습니다
problem-policy-promise-by-model = { $pool } 풀: 과제 { $grants }개가 모두 { $model }({ $gpus }개)을(를) 지정하면 { $wait }까지 기다려 max_wait { $promise }보다 깁니다. { $model }만 따로 풀로 두면 늘 지킬 수 있는 max_wait을 줄 수 있습니다
problem-policy-promise-without-room = { $pool } 풀: 권리를 빼면 GPU { $gang }개가 남는 노드가 없어 차례를 약속할 수 없습니다. 작업의 GPU 수를 제한하거나(gpus_per_job) 권리를 줄이십시오
problem-policy-promise-too-short = { $pool } 풀: 과제 { $grants }개 x GPU { $gang }개, 모두 { $gpus }개: { $slice } 차례 { $turns }번과 비우는 시간 { $grace } = { $wait }이어서 max_wait { $promise }보다 깁니다. 차례를 { $fits }으로 하거나 max_wait = "{ $wait }"로 하면 지킬 수 있습니다
problem-policy-promise-too-short-to-protect = { $pool } 풀: 과제 { $grants }개 x GPU { $gang }개, 모두 { $gpus }개: 멈추지 않는 작업이 있어 { $slice }씩 { $turns }번과 비우는 시간 { $grace } = { $wait }이어서 max_wait { $promise }보다 깁니다. max_wait = "{ $wait }"로 하면 지킬 수 있습니다
problem-policy-lab-once = '{ $lab }'은(는) 여기에만 있고 다른 곳에는 '{ $other }'이(가) 있습니다. 같은 연구실입니까?
problem-policy-odd-model = '{ $model }' GPU 모델은 알려져 있지 않습니다

# 도움말
help-rota = 귀한 GPU, 지금 누구 차례인가
help-demo = 모의 GPU와 실제 프로그램으로 Rota가 하는 일을 90초 안에 보여 줍니다
help-run = 차례가 오면 명령을 실행합니다. 출력과 종료 코드를 그대로 돌려줍니다
help-shell = 차례가 오면 이 터미널에서 셸이나 명령을 실행합니다
help-submit = 명령이나 스크립트를 대기열에 넣습니다
help-queue = 차례 순서로 본 대기열
help-top = 대기열과 GPU를 터미널 전체에 실시간으로
help-page = 같은 것을 브라우저에서. 주소에 닿는 누구나 읽기만 합니다
help-page-listen = 주소와 포트. 이 컴퓨터 자신의 것이 아닌 주소는 네트워크에서 보입니다
help-show = 작업 하나의 모든 것
help-why = 작업이 왜 기다리는지, 무엇을 바꾸면 더 일찍 시작하는지
help-quote = 제출하기 전에 작업에 드는 비용을 보여 줍니다
help-quote-words = 제출할 때와 같은 스크립트나 명령. 스크립트에서는 옵션만 읽습니다
help-book = 정해진 시간의 GPU를 예산으로 예약합니다
help-book-gpus = GPU 수
help-book-pool = 이 풀의 GPU
help-book-gpu = 이 모델의 GPU: H100,A100
help-book-from = 시작 시각(현지 시각): "2026-11-27 13:00", 13:00, now
help-book-length = 길이: 3h
help-book-why = 까닭. 모두가 볼 수 있습니다
help-bookings = 예약 목록
help-unbook = 예약을 물립니다
help-unbook-booking = 예약 번호
help-change-at_most = 배열의 태스크를 한 번에 몇 개까지 실행할지
help-logs = 작업의 출력
help-attach = 실행 중인 작업을 따라가고 그 종료 코드를 돌려줍니다
help-cancel = 작업을 끝냅니다
help-hold = 대기 중인 작업이 시작하지 않게 합니다
help-pin = 쓰지 않는 동안에도 작업이 GPU를 그대로 갖게 합니다. 이유는 누구나 볼 수 있습니다
help-unpin = 고정을 풉니다
help-release = 보류한 작업이 시작할 수 있게 합니다
help-change = 대기 중인 작업의 요청을 바꿉니다
help-adopt = 손으로 시작한 프로세스를 편입합니다
help-gpus = 노드와 GPU, 그리고 누가 쓰는지
help-gpus-history = GPU마다 얼마나 바빴는지: 지난 한 시간, 또는 1d, 30d
help-drain = GPU가 새 작업을 받지 않게 합니다. 실행 중인 작업은 계속됩니다
help-drain-what = 노드, 또는 노드:GPU
help-drain-why = 까닭. 모두가 볼 수 있습니다
help-resume = 배정 중지된 GPU가 다시 작업을 받게 합니다
help-resume-what = 노드, 또는 노드:GPU
help-resume-why = 무엇을 고쳤는지. 기록에 남습니다
help-shares = 누구의 몫이 얼마이고, 얼마를 썼고, 얼마를 더 받아야 하는지
help-shares-pool = 이 풀의 장부만
help-fairness = 한 기간이 얼마나 공평했는지, 지표마다 목표와 함께
help-fairness-csv = CSV로 답합니다
help-options = 작업이 언제 시작하고 끝날지, 달리 요청하면 어떨지
help-score = 시작과 종료 예측이 얼마나 맞았는지
help-ledger = GPU 주인이 빌려준 것과 돌려받은 것
opt-since = 언제부터: 7d, 12h 전이나 2026-11-01 같은 날짜. 없으면 7일 전부터(score는 30일)
opt-until = 언제까지, 같은 방식으로. 없으면 지금까지
help-policy = 누가 무엇을 쓰고, 누가 먼저이고, 다 찼을 때 어떻게 되는지
help-policy-check = 파일의 잘못을 알려 줍니다. 서버가 있으면 그 노드와 사람에 대해서도 봅니다
help-policy-show = 지금의 정책을, 고쳐 쓸 수 있는 파일로
help-policy-diff = 파일을 적용하면 누구에게 무엇이 바뀌는지
help-policy-apply = 서버의 정책을 정합니다. 관리자만 할 수 있습니다
help-policy-apply-yes = 묻지 않습니다
opt-file = 정책 파일
help-up = 서버를 백그라운드에서 시작합니다
help-down = 서버를 멈춥니다. 작업은 계속됩니다
help-doctor = 이 컴퓨터가 할 수 있는 것과 모자란 것
help-completions = 셸 자동 완성
help-man = 설명서 페이지, 또는 폴더에 명령마다 한 쪽씩
help-install = 모두를 위한 서버의 systemd 유닛을 설치합니다
help-admin = 저장소를 돌봅니다
help-admin-check = 기록 전체를 읽고, 거기서 만든 모든 것과 비교합니다
help-admin-rebuild = 읽을 수 있는 모든 사건으로 새 저장소를 만듭니다. 예전 것은 남겨 둡니다
opt-json = JSON으로 답합니다
opt-socket = 서버의 소켓. 없으면 ROTA_SOCKET, 모두를 위한 서버, 자신의 서버 순서로 찾습니다
opt-lang = 언어: en 또는 ko. 없으면 LANG을 따릅니다
opt-gpus = 노드마다의 GPU 수
opt-gpu_mem = GPU 하나를 나눠 쓰고, 그 메모리에서 이만큼: 10G
opt-nodes = 함께 시작할, 한 풀의 노드 수. 없으면 1
opt-gpu = 받아들일 GPU 모델: H100,A100. 직접 잰 속도와 함께: H100=2.1,A100=1
opt-mem = 메모리: 40G
opt-mem_per_cpu = CPU 코어당 메모리
opt-cpus = CPU 코어 수
opt-time = 제한 시간: 4h, 90m, 1-12:00:00
opt-name = 이름
opt-array = 배열: 0-99, 1,3,5-9:2, 0-99%8(한 번에 8개까지)
opt-after = 다른 작업 뒤에 시작: ok:12,any:13,notok:14
opt-begin = 이 시각 전에는 시작하지 않습니다: 22:00, tomorrow, 2026-05-03T09:00, now+2h
opt-output = 표준 출력 파일. %j 작업, %A 배열, %a 태스크, %x 이름, %u 사용자
opt-error = 표준 오류 파일
opt-stdin = 표준 입력 파일
opt-chdir = 작업 폴더
opt-turns = 차례가 끝나면 자리를 비우는 방법: suspend, requeue, never
opt-signal = 제한 시간 전의 신호: USR1@120
opt-grace = SIGTERM에서 SIGKILL까지의 시간
opt-retries = 노드나 감독 프로세스를 잃었을 때 다시 시작하는 횟수
opt-hold = 보류한 채 대기열에 넣습니다
opt-class = 정책에 있는 작업의 종류: interactive, short
opt-pool = 이 풀의 노드에서만
opt-account = 자신이 속한 다른 연구실이나 수업, 또는 그 과제: 연구실, 연구실/과제
opt-grant = 비용을 내는 과제
opt-snapshot = 작업 폴더에서 git이 추적하는 파일을 지금 그대로 복사해 그 사본을 실행합니다
opt-sweep = 모든 조합의 배열: lr=1e-3,1e-4 seed=1-3(명령 안에서는 {"{"}lr{"}"})
opt-job = 작업 번호
opt-jobs = 작업 번호들
opt-command = 명령
help-run-accept = 묻지 않고 'rota options'의 이 선택을 받아들입니다: best 또는 번호
help-submit-accept = 묻지 않고 'rota options'의 이 선택을 받아들입니다: best 또는 번호
help-options-words = 제출할 때와 같은 스크립트나 명령. 스크립트에서는 옵션만 읽습니다
help-shell-accept = 묻지 않고 'rota options'의 이 선택을 받아들입니다: best 또는 번호
help-shell-command = 명령. 없으면 자신의 셸
help-run-detach = 작업 번호만 알리고 돌아옵니다
help-submit-words = 스크립트와 인자, 또는 '--' 뒤의 명령
help-queue-all = 끝난 작업도 함께
help-queue-expand = 배열의 태스크를 한 줄씩
help-logs-follow = 작업이 끝날 때까지
help-logs-stderr = 따로 있는 경우 표준 오류
help-adopt-pid = 프로세스 번호
help-adopt-gpus = 쓰고 있는 GPU의 번호: 0,1
help-adopt-time = 이 시간이 지나면 멈춥니다
help-up-system = 이 컴퓨터의 모두를 위해. root가 필요합니다
help-up-simulate = 이 컴퓨터 대신 모의 노드: campus 또는 h100*8,a100*4
help-up-turn = 다른 작업에 차례를 넘기기 전까지 GPU를 쓰는 시간
help-up-store = 저장소 폴더
help-pin-why = 이유. 누구나 볼 수 있습니다
help-up-notify = 메일이나 메신저로 알림을 전하는 프로그램
help-up-foreground = 터미널에 머뭅니다
help-completions-shell = 셸
help-man-dir = 이 폴더에 씁니다
help-install-print = 보여 주기만 합니다
help-admin-store = 저장소 폴더

# 지난 기록 재생
replay-bad-zone = --zone '{ $value }': Asia/Seoul, UTC처럼 시간대 이름을 쓰십시오
replay-bad-format = --as '{ $value }': 다음 중 하나를 쓰십시오: { $known }
replay-packed = { $path }은(는) 그대로 읽을 수 있는 텍스트가 아닙니다. '{ $with } { $path }'의 출력을 읽게 하십시오: rota replay <({ $with } { $path }) …
replay-empty = { $path } 파일이 비어 있습니다
replay-no-format = { $path }의 첫머리로는 형식을 알 수 없습니다. --as로 지정하십시오: { $known }
replay-bad-when = { $option } '{ $value }': 2026-03-01 같은 날짜, 2026-03-01T13:00 같은 시각이나, 첫 작업에서 30d 뒤처럼 시간을 쓰십시오
replay-bad-inventory = --inventory '{ $text }': GPU가 1~64개인 노드 1~{ $most }개를 h100*8,a100*4 또는 h100*8*50처럼 쓰거나 파일(.csv, .toml)을 지정하십시오
replay-bad-model = --measured-on '{ $value }': 모르는 모델입니다. 다음 중 하나를 쓰십시오: { $known }
nodes-no-toml = { $path }:{ $line }: TOML 문법에 맞지 않습니다: { $why }
nodes-none = { $path }: 노드가 없습니다. CSV라면 제목 줄(model,gpus)과 노드마다 한 줄, TOML이라면 node = [{"{"} model = "h100", gpus = 8 {"}"}]을 쓰십시오
nodes-missing = { $path }:{ $line }: '{ $name }'이(가) 없습니다
nodes-bad = { $path }:{ $line }: { $name } '{ $value }'을(를) 쓸 수 없습니다
nodes-too-many = { $path }: 노드는 { $most }개까지 쓸 수 있습니다
unknown-models = 모르는 모델({ $models })은 가격과 속도를 A100과 같다고 봅니다.
replay-no-jobs = { $path }: { $format } 형식으로 읽었지만 쓸 수 있는 작업이 없습니다. 다른 형식은 --as로 지정하십시오
replay-none-left = --since, --until, --limit에 맞는 작업이 없습니다. 기록의 작업 { $jobs }개는 { $from }부터 { $until }까지 제출되었습니다
result-over-read = { $path }은(는) 이 명령이 이미 쓰는 파일입니다. 결과 파일은 다른 이름으로 지정하십시오
change-not = { $option }은(는) 제출한 뒤에는 바꿀 수 없습니다. 'rota cancel'로 취소하고 다시 제출하십시오
change-nothing = 바꿀 것이 없습니다. --time 8h처럼 바꿀 것을 쓰십시오
sweep-twice = --sweep에 '{ $name }'이(가) 두 번 있습니다. { $name }=1,2처럼 값을 한 번에 쓰십시오
replay-restless = 재생을 멈추었습니다: { $why }
replay-taken-for = { $path }: { $format } 형식으로 보았습니다. 작업 { $jobs }개
replay-read-as = { $path }: { $format } 형식으로 읽었습니다. 작업 { $jobs }개
replay-on = 제출 기간 { $days }, 노드 { $nodes }개의 GPU { $gpus }개
replay-rota = Rota
replay-fifo = FIFO
replay-easy = EASY
replay-easy-oracle = EASY (예지)
replay-las = LAS
replay-srtf-oracle = SRTF (예지)
replay-short-rota = Rota
replay-short-fifo = FIFO
replay-short-easy = EASY
replay-short-easy-oracle = EASY*
replay-short-las = LAS
replay-short-srtf-oracle = SRTF*
replay-column-policy = 대기(시간)
replay-column-mean = 평균
replay-column-p50 = 절반
replay-column-p90 = 90%
replay-column-p99 = 99%
replay-column-max = 최장
replay-column-end = 끝까지
replay-column-used = 사용률
replay-column-unmet = 부족
replay-column-starts = 시작 수
replay-column-jobs = 작업
replay-by-lab = 연구실별 평균(시간)
replay-by-model = 모델별 평균(시간)
replay-any = 아무 모델
replay-more = ... 외 { $count }개. 전부는 --csv나 --json에 있습니다
replay-never = { $policy }: 작업 { $jobs }개가 시작하지 못했습니다
replay-too-large = 작업 { $jobs }개는 이 노드들의 GPU보다 많이 요청하여 뺐습니다
replay-other-model = 작업 { $jobs }개는 이 노드들에 없는 모델을 요청하여 아무 모델이나 씁니다
replay-left-out = 기록에서 뺀 줄: { $count }개
replay-reason = { $count }개: { $why } (줄 { $lines })
replay-why-no-gpu = GPU를 요청하지 않음
replay-why-never-ran = 실행된 적 없음
replay-why-step = 따로 줄이 있는 작업의 단계나 일부
replay-why-twice = 다른 줄과 같은 내용
replay-why-fields = 필드 수가 제목 줄과 다름
replay-why-missing = '{ $field }' 없음
replay-why-unreadable = '{ $field }' 읽을 수 없음
replay-why-not-json = 여기부터 JSON이 아님
replay-why-too-long = 1 MiB보다 긺
replay-why-no-heading = 열 이름을 알려 주는 제목 줄이 없음. sacct -P에서 -n을 빼면 나옵니다
replay-mixed = 모델이 여럿입니다. 기관의 정책은 느린 GPU에서 그만큼 오래 실행하고, 다른 행은
    모두 가장 많은 모델처럼 실행합니다. 둘 사이의 대기 시간은 어림으로만
    비교하십시오.
replay-oracle = 예지(*): 모든 작업의 실행 시간을 미리 압니다. 실제 기관은 알 수 없습니다.

# 재생 도움말
help-replay = 지난 대기열이 어떤 정책에서는 어땠을지 보여 줍니다. 서버가 필요 없습니다
help-replay-trace = 지난 작업들의 기록
help-replay-format = 그 형식: sacct, philly, helios, acme, alibaba, swf, gavel, csv. 없으면 추측합니다
help-replay-inventory = 노드: h100*8,a100*4 또는 h100*8*50, 또는 목록 파일(.csv, .toml)
help-replay-policy = 정책 파일. 없으면 아무것도 정하지 않은 기관의 정책
help-replay-since = 이때부터 제출된 작업만: 2026-03-01, 또는 첫 작업에서 30d 뒤
help-replay-until = 이때 전에 제출된 작업만: 2026-06-01, 또는 첫 작업에서 60d 뒤
help-replay-limit = 작업을 이만큼만
help-replay-turns = 차례가 끝나면 자리를 비우는 방법: requeue, suspend, never
help-replay-start_cost = 시작해서 일을 이어 가기까지 걸리는 시간. 기록이면 20s
help-replay-leave_cost = 떠나서 GPU가 비기까지 걸리는 시간. 기록이면 10s
help-replay-zone = 시간대가 없는 시각의 시간대. 없으면 이 컴퓨터의 시간대
help-replay-csv = 모든 수치를 이 파일에 CSV로 씁니다

whatif-nothing = 무엇을 바꿔 볼지 적으세요: --add 2xH100x8, --turn h100=2h, --share lab/kim=3, --scenario '...'. --buy나 --need만 물어볼 수도 있습니다
whatif-too-many = 한 번에 { $most }가지까지 비교할 수 있습니다. 일부를 빼세요
whatif-inventory = 지난 기록에는 노드가 없습니다. --inventory h100*8*2처럼 함께 적으세요
whatif-only-trace = { $option } 옵션은 지난 기록 파일에만 씁니다. 이 기관의 기록이면 --days를 쓰고, 아니면 기록 파일을 적으세요
whatif-no-history = 지난 { $days }일 동안 여기서 GPU로 실행된 작업이 없습니다. --days로 기간을 늘리거나 지난 기록을 쓰세요: 'rota whatif TRACE --inventory h100*8'
whatif-bad-nodes = '{ $text }': 노드 수로 읽을 수 없습니다. H100 8장짜리 노드 2대는 2xH100x8로 적으세요
whatif-bad-time = '{ $text }': h100=2h처럼 풀과 시간을 적으세요
whatif-bad-share = '{ $text }': lab/kim=3처럼 대상과 0보다 큰 몫을 적으세요
whatif-bad-word = '{ $text }': 바꿀 수 있는 것은 add, remove, turn, max-wait, share, policy입니다. 여럿이면 ;로 나누세요
whatif-no-pool = 정책에 '{ $pool }' 풀이 없습니다. 이름은 'rota policy show'로 볼 수 있습니다
whatif-fewer = { $kind } 노드를 { $asked }대 뺄 수 없습니다. 지금 { $all }대입니다
whatif-no-node = 남는 GPU가 없습니다. 노드를 덜 빼세요
whatif-bad-policy = 바꾼 정책이 앞뒤가 맞지 않습니다: { $why }
whatif-bad-money = --buy '{ $text }': 500M-KRW나 5억처럼 금액과 통화를 적으세요
whatif-bad-goal = --goal '{ $text }': 'p95<4h'처럼 mean, p50, p90, p95, p99, max 중 하나와 시간을 적으세요
whatif-buys-nothing = 이 가격표로는 { $money }에 살 수 있는 노드가 없습니다. --prices와 통화를 확인하십시오
whatif-other-currency = 통화가 { $currency }이(가) 아닌 가격은 --buy와 비교하지 않았습니다: { $offers }
whatif-base = 지금 그대로
whatif-own = 이 기관의 기록: GPU 작업 { $jobs }개, { $period }.
whatif-own-booked = 이 기관의 기록: GPU 작업 { $jobs }개와 예약 { $bookings }건, { $period }.
whatif-trace = { $path }: 작업 { $jobs }개, { $period }.
whatif-short = 작업이 적거나 기간이 짧아서 믿을 만한 수치가 아닙니다. --days로 기간을 늘리거나 지난해 기록을 쓰세요.
whatif-never-ran = 제외: 한 번도 실행되지 않은 작업 { $jobs }개. 얼마나 걸렸을지 알 수 없습니다.
whatif-anywhere = 작업 { $jobs }개는 어떤 GPU 모델에서 실행됐는지 기록에 없습니다. 어디서나 똑같이 걸린다고 보므로 느리고 싼 모델이 빠른 모델만큼 좋아 보입니다. --measured-on V100처럼 알려 주세요.
whatif-supposes = 모두가 그때와 똑같이 제출하고, 다른 모델에서는 그 속도만큼 더 오래 걸린다고 가정합니다. 대기는 제출부터 첫 시작까지의 시간입니다. 모든 수치는 --json에 있습니다.
whatif-measure = 전체 작업
whatif-gpus = GPU 수
whatif-jobs = 제출된 작업
whatif-ended = 기간 안에 끝난 작업
whatif-p50 = 대기 절반 (시간)
whatif-p95 = 대기 95% (시간)
whatif-max = 가장 긴 대기 (시간)
whatif-end = 제출부터 종료까지 평균 (시간)
whatif-waited = 대기 합계 (시간)
whatif-used = GPU 사용률
whatif-shortage = 부족률 (못 쓴 양/원한 양)
whatif-promise = 약속 지킴
whatif-jain = 몫의 공평성 (Jain)
whatif-rho = 완료 시간 공평성, 95%
whatif-share-error = 몫의 오차, 중앙값 (점)
whatif-lost-kept = 잃은 일(최대), 일시 중단 작업
whatif-lost-requeued = 잃은 일(최대), 재대기 작업
whatif-refused = 제출이 거절된 작업
whatif-bookings-refused = 거절된 예약
whatif-never = 시작하지 못하는 작업
whatif-too-large = 이 기관보다 큰 작업
whatif-fairness = 우리 정책에서는
whatif-short-p50 = 절반
whatif-short-p95 = 95%
whatif-short-max = 최장
whatif-by-lab = 연구실별 대기
whatif-by-pool = 풀별 대기
whatif-by-model = 모델별 대기
whatif-by-lab-short = 대기 (시간)
whatif-by-shortage = 모델별 부족률
whatif-rest = (나머지)
whatif-hours = { $hours }시간
whatif-gpu-hours = { $hours } GPU시간
whatif-buys = { $money }에 살 수 있는 것: 구매안 { $played }가지를 재생해, 줄어드는 대기 시간 순으로
whatif-buy = 구매안
whatif-price = 가격
whatif-saved = 줄어든 시간
whatif-per-million = 100만당
whatif-p95-short = 대기 95%
whatif-shortage-short = 부족률
whatif-needs = { $goal }까지 더 필요한 노드
whatif-kind = 종류
whatif-nodes = 노드
whatif-not-with = { $count }대로도 부족
whatif-unused = { $models }에서 실행된 작업이 없습니다. 아무도 요청하지 않은 모델입니다. --as-good을 쓰면 그만큼 빠르고 메모리가 충분한 모델도 쓰는 것으로 봅니다.
whatif-page-title = 만약에: 같은 작업, 다른 조건
whatif-page-labs = 연구실별 대기: 100개 중 95개는 이보다 짧음
whatif-page-pools = 풀별 대기: 100개 중 95개는 이보다 짧음
whatif-page-used = 시간에 따른 GPU 사용률
whatif-page-waiting = 시간에 따른 대기 GPU 수
whatif-page-shortage = 모델별 부족: 기다린 GPU시간
replay-page-title = 대기열이 어땠을지: { $path }
replay-page-on = { $days } 동안 제출된 작업 { $jobs }개, 노드 { $nodes }대의 GPU { $gpus }개. 대기는 시간 단위입니다.
replay-page-labs = 연구실별 평균 대기
help-replay-html = 브라우저에서 볼 도표 페이지를 이 파일에 씁니다. 다른 것은 필요 없습니다
help-whatif = GPU를 더 사거나 규칙을 바꾸면 어떨지, 지난 작업들을 다시 재생해 보여 줍니다
help-whatif-trace = 지난 작업들의 기록. 없으면 서버에 있는 이 기관의 기록
help-whatif-inventory = 기록을 재생할 노드: h100*8,a100*4 또는 h100*8*50, 또는 목록 파일
help-whatif-policy = 정책 파일. 없으면 지금 적용된 정책, 기록이면 아무것도 정하지 않은 기관의 정책
help-whatif-days = 이 기관의 지난 며칠. 없으면 28일
help-whatif-add = 노드 추가: 2xH100x8은 H100 8장짜리 2대
help-whatif-remove = 노드 제거: 1xA6000x4
help-whatif-turn = 풀이나 전체의 차례 길이: h100=2h, 2h
help-whatif-max_wait = 풀의 약속: h100=20h
help-whatif-share = 몫: lab/kim=3
help-whatif-policy_b = 다른 정책
help-whatif-scenario = 한 번에 여러 변경, 다른 것들과 나란히: 'add 2xH100x8; turn h100=2h'
help-whatif-as_good = 작업이 적지 않은 모델도, 그만큼 빠르고 메모리가 충분하면 쓰는 것으로 봅니다
help-whatif-buy = 이 돈으로 무엇을 사면 좋을지: 500M-KRW, 5억
help-whatif-prices = 노드 가격 파일: model, gpus, price (.csv, .toml)
help-whatif-need = 대기가 충분히 짧아지려면 종류마다 노드가 몇 대 더 필요한지
help-whatif-goal = 충분히 짧다는 기준: p95<4h
help-whatif-csv = 모든 수치를 이 파일에 CSV로 씁니다
help-whatif-html = 브라우저에서 볼 도표 페이지를 이 파일에 씁니다. 다른 것은 필요 없습니다
help-whatif-format = 그 형식: sacct, philly, helios, acme, alibaba, swf, gavel, csv. 없으면 추측합니다
help-whatif-since = 이때부터 제출된 작업만: 2026-03-01, 또는 첫 작업에서 30d 뒤
help-whatif-until = 이때 전에 제출된 작업만: 2026-06-01, 또는 첫 작업에서 60d 뒤
help-whatif-limit = 작업을 이만큼만
help-whatif-turns = 차례가 끝나면 자리를 비우는 방법: requeue, suspend, never
help-whatif-start_cost = 시작해서 일을 이어 가기까지 걸리는 시간. 기록이면 20s
help-whatif-leave_cost = 떠나서 GPU가 비기까지 걸리는 시간. 기록이면 10s
help-whatif-zone = 시간대가 없는 시각의 시간대. 없으면 이 컴퓨터의 시간대
help-replay-measured_on = 기록에 없을 때, 작업이 실행된 GPU 모델: V100. 없으면 어디서나 똑같이 걸린다고 봅니다
help-whatif-measured_on = 기록에 없을 때, 작업이 실행된 GPU 모델: V100. 없으면 어디서나 똑같이 걸린다고 봅니다

# 사람에게 알리는 말
notice-idle = 작업 { $job }({ $name })이(가) GPU { $gpus }개를 { $since }부터 쓰지 않고 있습니다.
notice-idle-empty = 그 위에 프로그램이 하나도 없습니다. 멈춘 것은 아닌지 살펴보십시오.
notice-idle-until = 기다리는 사람이 { $until }부터 쓸 수 있습니다. 계속 필요하면 'rota pin { $job } --why 이유'로 고정하십시오.
notice-idle-typing = 여기에 입력하면 쓰는 것으로 봅니다.
notice-idle-suspended-terminal = 작업 { $job }({ $name })이(가) { $since }부터 GPU를 쓰지 않고 입력도 없어 작업 { $next }에 내줍니다. 잃는 것 없이 일시 중단됩니다.
notice-idle-queued-terminal = 작업 { $job }({ $name })이(가) { $since }부터 GPU를 쓰지 않고 입력도 없어 작업 { $next }에 내줍니다. 프로그램은 끝나며, 처음부터 다시 시작할 수 있습니다.
notice-idle-suspended = 작업 { $job }({ $name })이(가) { $since }부터 GPU를 쓰지 않아 작업 { $next }에 내줍니다. 잃는 것 없이 일시 중단되며, 차례가 오면 이어집니다.
notice-idle-queued = 작업 { $job }({ $name })이(가) { $since }부터 GPU를 쓰지 않아 작업 { $next }에 내줍니다. 다시 대기열로 갑니다.
notice-part-exceeded = 이 작업의 GPU 메모리 몫은 { $part }인데 { $used }를 쓰고 있습니다. { $seconds }초 안에 줄이지 않으면 멈춥니다.
notice-part-taken = GPU 메모리 몫 { $part }를 넘어 { $used }를 계속 쓰고 있어 작업을 멈춥니다. --gpu-mem을 더 크게 주고 다시 제출하십시오.
