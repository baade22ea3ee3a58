# What people read, in English. Help texts stand in the sources of the command line; refusals come with the answer.

simulated = SIMULATED GPUs: programs are real, GPUs are not
not-known = not known yet
clap-no-number = { $what }: '{ $value }' is not a whole number
see-help = 'rota --help' and 'rota VERB --help' show what can be written.

# Errors
error-no-server = no server answers at { $path }; 'rota up' starts one
error-talk = the server at { $path } did not answer properly: { $why }; 'rota doctor' looks at it
server-late = the server at { $path } has not answered for some seconds; still waiting, Ctrl-C gives up
server-late-help = if 'rota doctor' says that it hangs: 'kill -9 { $pid }' ends the server, 'rota up' starts it again; jobs go on meanwhile
server-hangs = the server at { $path } does not answer; 'kill -9 { $pid }' ends it, 'rota up' starts it again, and jobs go on meanwhile
server-late-submit = the job may be queued all the same; before you submit it again, 'rota queue' tells
server-late-job = the server at { $path } does not answer; job { $job } does not need it and goes on, this waits for it
server-late-leave = Ctrl-Z leaves the job alone; 'rota attach { $job }' returns to it later
error-output = cannot write: { $why }
error-read = cannot read { $path }: { $why }
error-open = cannot open { $path }: { $why }
error-make = cannot make the folder { $path }: { $why }
error-write = cannot write { $path }: { $why }
error-run = cannot run { $path }: { $why }
error-copy = cannot copy { $path }: { $why }
error-start = the server did not start; what it said is in { $log }
error-folder-not-yours = { $path } is not a folder of yours alone; remove it, or set XDG_RUNTIME_DIR

# What was typed
bad-time = { $option } '{ $value }': write a time above zero, such as 90s, 15m, 4h, 1d12h or 1-12:00:00
bad-begin = --begin '{ $value }': write a moment, such as 22:00, tomorrow, 2026-05-03T09:00 or now+2h
bad-size = { $option } '{ $value }': write a size above zero, such as 512M, 40G or 1.5T
bad-turns = --turns '{ $value }': write suspend, requeue or never
turns-old-driver = --turns suspend: driver { $driver } cannot suspend programs; install 575 or later, or write --turns requeue if the program continues from its own checkpoint
turns-no-driver = --turns suspend: this machine has no NVIDIA driver that could suspend a program; write --turns requeue if it continues from its own checkpoint
array-too-large = --array '{ $value }': at most { $most } tasks are possible; leave some out, or give each more to do
bad-array = --array '{ $value }': write 0-99, 1,3,5-9:2 or 0-99%8
bad-after = --after '{ $value }': write ok:12,any:13 or notok:14
bad-signal = --signal '{ $value }': write USR1@120 (seconds before the walltime)
bad-sweep = --sweep '{ $value }': write lr=1e-3,1e-4 seed=1-3
bad-speed = --gpu '{ $value }': write MODEL or MODEL=SPEED with A100 = 1, such as H100=2.1
bad-job = '{ $value }' is no job: write 12, or 12_3 for a task of an array
array-and-sweep = --array and --sweep both make arrays; use one of them
nothing-to-submit = there is nothing to submit: rota submit SCRIPT, or rota submit -- COMMAND
no-folder = the working directory { $path } does not exist
folder-not-utf8 = the path of the working directory is not UTF-8
variable-left-out = the variable { $name } is not UTF-8 and is left out
snapshot-no-git = --snapshot: { $path } is not in a git repository; nothing is tracked there
script-open-quote = { $at }: a quote is not closed
script-needs-value = { $at }: { $flag } needs a value
script-missing = { $path }: there is no such script in this folder; to run a program of that name, write '--' before it
script-not-text = { $path }: this is no text; submit a program after '--'
script-nodes = { $at }: { $flag } { $value }: for several nodes write '#ROTA --nodes { $value } --gpus N' instead, where N are the GPUs on each
script-one-task = { $at }: { $flag } { $value }: a job is one program here, which starts its own workers, as torchrun does
script-left-out = { $at }: { $flag } has no meaning here and is left out
script-unknown = { $at }: { $flag } is not understood; leave it out, or write it as a #ROTA line ('rota submit --help' lists them)
script-bad-gres = { $at }: '{ $value }' is not understood; write gpu:2 or gpu:h100:2
script-bad-dependency = { $at }: '{ $value }' is not understood; write afterok:12 or afterany:12:13
bad-since = { $option } '{ $value }': write how long ago, such as 7d or 12h, or a date such as 2026-11-01
unknown-pool = there is no ledger of pool '{ $pool }'; these have one: { $known }
json-or-csv = --json and --csv are two answers; ask for one

# Answers
submitted = submitted job { $job }
submitted-array = submitted job { $job } ({ $tasks } tasks)
submitted-begin = ; it starts no earlier than { $when }
output-elsewhere = job { $job } was started without Rota: its output goes where it was sent then
output-no-file = the output of job { $job } goes to { $path }, which is no file that can be read again
output-is-folder = { $path } is a folder: name a file for the output, such as { $path }/%j.out
output-not-yours = the output of job { $job } is its owner's alone
output-on-terminal = job { $job } runs on a terminal; what it writes is there, and in no file
output-never = job { $job } never ran and wrote nothing: { $how }
output-not-yet = job { $job } has not started yet; it will write to { $path }
detached = job { $job } goes on; 'rota attach { $job }' returns to it
nobody-reads = nobody reads the output of job { $job } any more; it is cancelled ('--detach' leaves one alone)
ask-cancel = cancel job { $job }? Ctrl-C again cancels it, Ctrl-Z leaves it running
shell-is-one = a shell is one job on this terminal: leave out --array, --sweep, --output, --error and --stdin
shell-needs-terminal = a shell needs a terminal on both sides; without one, 'rota run -- COMMAND' shows what a command writes
shell-away = press a key, and job { $job } is in line again
shell-suspended = suspended, because others have their turn. Nothing is lost; what you type now goes nowhere.
shell-back = job { $job } goes on where it was
shell-alone = The program goes on; what becomes of it is seen when a server answers again.
shell-anew = job { $job } begins anew
shell-ask-cancel = cancel job { $job }? Ctrl-C again cancels it
on-terminal = on its terminal
waits-start = job { $job } waits: { $ahead } ahead, start { $when }
job-ended = job { $job }: { $how }
cancelled = { $count ->
    [0] job { $job } is being cancelled already
    [one] cancelled { $job }
   *[other] cancelled { $job }: { $count } jobs
}
held = { $count ->
    [0] job { $job } is held already
    [one] held { $job }; 'rota release { $job }' lets it start
   *[other] held { $job }: { $count } jobs; 'rota release { $job }' lets them start
}
released = { $count ->
    [0] job { $job } was not held
    [one] released { $job }
   *[other] released { $job }: { $count } jobs
}
pinned = { $count ->
    [one] pinned { $job }: its GPUs stay with it even while it does not use them; everyone can read why
   *[other] pinned { $job }: { $count } jobs; their GPUs stay with them even while they do not use them; everyone can read why
}
unpinned = { $count ->
    [one] unpinned { $job }
   *[other] unpinned { $job }: { $count } jobs
}
changed = { $count ->
    [one] changed { $job }
   *[other] changed { $job }: { $count } jobs
}
adopted = process { $pid } is job { $job }
serving-everyone = serving everyone on this machine: process { $pid }, store { $store }
serving-you = serving { $who } alone (for everyone: sudo rota up --system): process { $pid }, store { $store }
no-such-program = --notify { $path } cannot be run; name a program and check chmod +x
already-serving = a server is already running (process { $pid })
server-stops = the server stops; jobs that run go on, and the next server knows them
store-checked = { $events } events, { $jobs } jobs that have not ended
store-wrong = wrong: { $what }
store-rebuilt = { $events } events kept; the old store is { $old }
store-stopped-at = what came after could not be read: { $why }
installed = wrote { $path }; now: systemctl enable --now rota

# The queue
queue-empty = nothing is queued or running
column-job = JOB
column-name = NAME
column-who = WHO
column-state = STATE
column-gpus = GPUS
column-node = NODE
column-time = TIME
column-planned = PLANNED
column-start = START
column-start-done = START, DONE
column-end = END
not-predictable = not predictable yet
not-forecast = not forecast
not-forecast-show = not forecast: { $most } others have waited longer
not-forecast-why = only the { $most } jobs that have waited longest have a window of their start; this one will, once fewer wait before it
promised-by = by { $when } (promise)
from = from { $when }
window-middle = { $window }; in half of all cases by { $middle }
show-starts = starts
show-ends = ends
column-model = MODEL
column-free = FREE
column-cores = CORES
column-memory = MEMORY
column-gpu-jobs = GPUS (job or .)
column-gpu = GPU
column-gpu-memory = MEMORY
column-utilization = BUSY
column-sm = SM
column-power = POWER
column-temperature = TEMP
column-used-by = USED BY
used-by-job = job { $job } of { $who }
used-by-outsider = outsider { $who }
used-by-drained = drained
gpus-unreadable = the driver of the GPUs does not answer ({ $why }); they are tried again and again
gpus-nothing-read = nothing was read in this time
show-gpu-use = GPUs
gpu-use-sm = {" "}(SM { $sm })
gpu-use-barely = something runs, and hardly any of their cores work; larger batches?
gpu-use = { $busy } busy on average{ $sm }, at most { $memory }, { $energy }
gpus-simulated = the GPUs are simulated: there is nothing to read of them
note-drained = no new job on { $gpus } since { $since } ({ $by }): { $why }
note-idle = job { $job } of { $who } does not use { $what }
note-pinned = job { $job } of { $who } is pinned: { $what }
idle-gpus = { $gpus ->
    [one] a GPU since { $since }
   *[other] { $gpus } GPUs since { $since }
}
idle-empty = , no program is there
idle-until = ; whoever waits may have { $gpus ->
    [one] it
   *[other] them
} from { $until }
pinned-by = { $why } ({ $by }, since { $since })
note-outsider = no new job on { $gpu }: { $who } runs { $command } there without a turn (process { $pid }, since { $since })
note-warning = { $gpu }: { $what }
warning-persistence = persistence mode is off: the first program waits for the driver to load ('nvidia-smi -pm 1' as root)
warning-heat = its clock has been held down by heat for more than 5 minutes; look after its cooling
warning-power = its clock has been held down by the power supply for more than 5 minutes
warning-ecc = { $count ->
    [one] 1 memory error could not be corrected since the driver was loaded
   *[other] { $count } memory errors could not be corrected since the driver was loaded
}
fault-reset = the driver asks for a reset of this GPU
fault-reboot = the driver asks for a reboot of this machine
fault-recovery = the driver asks that nothing new starts here
fault-remap-pending = a bad row of its memory is replaced at the next reset
fault-remap-failed = a bad row of its memory could not be replaced
fault-xid = the driver reported Xid { $xid }, which a reset or a repair mends
fault-leftover = { $memory } of its memory are in use though nobody uses it
fault-lost = it has fallen off the bus
fault-neighbour = GPU { $gpu } beside it has fallen off the bus
fault-unreadable = its driver does not answer
fault-hung = a call into its driver for job { $job } has not come back
drained = { $gpus ->
    [one] { $what } takes no new job; what is on it goes on
   *[other] { $what }: { $gpus } GPUs take no new job; what is on them goes on
}
resumed = { $gpus ->
    [one] { $what } takes jobs again
   *[other] { $what }: { $gpus } GPUs take jobs again
}
bad-gpus = '{ $value }' is no node and no GPU: write NODE or NODE:GPU, such as gpu01:3
waited = waits { $time }
ran = ran { $time }
node-down = down
state-waiting = waiting
state-held = held
state-starting = starting
state-running = running
state-idle = idle
state-idle-pinned = idle, pinned
state-stopping = stopping
state-suspended = suspended
state-completed = completed
state-failed = failed
state-cancelled = cancelled
state-timeout = timeout

# The board
top-no-terminal = 'rota top' draws on a terminal and reads keys from it, and there is none here; 'rota queue --json' and 'rota gpus --json' answer programs
top-title = Rota: { $free } of { $all } GPUs free, { $running } running, { $waiting } waiting
top-unreachable = the server is not reachable, trying again; this is how it was at { $when }
top-late = the server does not answer, still waiting; this is how it was at { $when }
top-asking = asking for job { $job } ...
top-no-match = no job is like that; Esc shows all
top-more = { $count } more lines: g shows all
top-filter = only with "{ $text }"
top-mine = only mine
top-waiting = only those that wait
top-keys = q quit   ? help   Enter open   / find   m mine   w waiting   g GPUs
top-keys-filter = Enter keep   Esc all
top-keys-filtered = Esc all   ? help   q quit
top-keys-page = Esc back   Up, Down, PgUp, PgDn scroll
top-lines = lines { $first } to { $last } of { $all }
top-help =
    Whose turn it is, and who is next: first what runs, then what waits,
    in the order of turns. It follows the server by itself.

    Up, Down, k, j    the job above, below
    PgUp, PgDn        half a screen
    Home, End         the first, the last job
    Enter             all about the job: what it asks for, why it waits,
                      what would start it sooner (rota show, rota why)
    /                 only jobs with a text in job, name, person, lab,
                      node or model; Enter keeps it
    m                 only my jobs
    w                 only jobs that wait
    Esc               back; all jobs again
    g                 all GPUs: what is read of them, and why some take
                      no job (rota gpus)
    q, Ctrl-C         quit

    START, DONE       from when to when a start is expected, in eight of
                      ten cases; of a running job how far it says it is
    TURN              until when nobody else can have these GPUs; whose
                      turn is over goes on until somebody is owed more

    Nothing is changed from here: rota cancel, hold, release, change, pin.
page-is-at = http://{ $address }/ shows the queue and the GPUs to everyone who can reach it; Ctrl-C ends it
page-network = This address is for the network to see: names of people and jobs are on the page, and nobody is asked who they are.
page-cannot-listen = cannot listen on { $address }: { $why }; --listen names another address and port
page-as-of = As of { $when }.
page-gone = 'rota page' does not answer any more; this is how it was.
page-gpus = GPUs
page-queue = Queue
page-more = { $count } more lines: 'rota queue' has them all
page-progress = progress of job { $job }
column-turn = TURN
column-nodes = NODES
column-note = MORE
turn-until = until { $when }
turn-is-over = turn is over
gpu-free = free

# Shares, fairness, lending
shares-common = common ledger
shares-title = { $pool }: { $used } { $unit }s used, old use decayed
shares-none = nobody has used anything yet
turn-bound = { $pool }: turns of { $slice }; { $grants } with work, { $gang } GPUs each, on { $gpus }: as things are nobody waits longer than { $wait }
turn-promise = { "" }; promised: { $most }
share-no-grant = (no grant)
column-share = SHARE
column-used = USED
column-owed = OWED
column-holds = HOLDS
column-waits = WAITS
column-used-share = used, | share
period = from { $from } until { $until }
score-title = forecasts { $period }
score-start = { $hits } of { $of } starts came before our P90, { $within } within the window
score-finish = { $hits } of { $of } ends, as said at submit, came before our P90, { $within } within the window
score-end = { $hits } of { $of } ends, as said when the job began to run, came before our P90, { $within } within the window
score-none-start = starts: no forecast has an outcome yet
score-none-finish = ends, as said at submit: no forecast has an outcome yet
score-none-end = ends, as said when the job began to run: no forecast has an outcome yet
score-open = { $jobs ->
    [one] one job still waits
   *[other] { $jobs } jobs still wait
}: whether their windows come true is not known yet
score-left = { $jobs ->
    [one] one job
   *[other] { $jobs } jobs
} left the queue before the start, and count nowhere
score-should = Nine of ten should come before P90, eight of ten within the window.
score-all = all
score-lab = lab { $lab }
score-within = waits under { $most }
score-longer = waits of { $least } and more
score-week = week from { $begins }
score-again = every window that was said of a start, by how long before it
score-before = under { $most } before
score-long-before = { $least } before and more
score-finish-ahead = every window that was said of an end while the job waited, by how far ahead
score-end-ahead = every window that was said of an end while the job ran, by how far ahead
score-ahead-under = under { $until }
score-ahead = { $from } to { $until }
score-ahead-over = { $from } and more
column-ends-in = SAID TO END IN
column-starts-of = STARTS OF
column-forecasts = FORECASTS
column-before-p90 = BEFORE P90
column-within = WITHIN
column-width = WIDTH
column-choice = N
column-what = WHAT
options-title = how it could be asked for; costs in GPU-hours ({ $unit })
choice-as-asked = as you asked
choice-model = on { $model }
choice-gpus = on { $gpus ->
    [one] { $gpus } GPU
   *[other] { $gpus } GPUs
} a node, for as much longer
choice-whole = with a whole GPU
choice-part = with { $mem } of a GPU, enough
choice-class = as class { $class }
choice-later = { $when } at { $price } price
choose = It would wait. Which one (1 to { $most }; Enter for 1)?
bad-choice = '{ $value }' is no choice here: 1 to { $most }, or best
not-chosen = nothing was chosen, and nothing was queued
about = about { $when }
soon-by = by { $when }
fairness-title = fairness { $period }
column-measure = MEASURE
column-value = VALUE
column-target = TARGET
column-ok = OK
column-jobs = JOBS
measure-share-error-median = share error of labs, median
measure-share-error-worst = share error of labs, worst
measure-jain = Jain index over labs
measure-rho-p50 = time / time alone on own part, P50
measure-rho-p95 = time / time alone on own part, P95
measure-rho-max = time / time alone on own part, worst
measure-wait-p99 = wait of a job, P99
measure-wait-max = wait of a job, longest
measure-promise-max = wait of a grant for { $of }, longest
measure-regret-p95 = wait of owners for borrowers, P95
measure-regret-max = wait of owners for borrowers, longest
measure-lost-kept = lost work, jobs that keep it
measure-lost-requeued = lost work, requeued jobs (at most)
measure-price-of-fairness = mean time / that of an oracle (SRTF)
measure-shortage = shortage of { $of }: unmet / wanted
points = { $value } points
percent = { $value } %
at-most = at most { $value }
at-least = at least { $value }
verdict-ok = ok
unknown = not known
verdict-not = NOT
labs-title = What labs had while labs competed, in { $unit }s
column-pool = POOL
column-lab = LAB
column-entitled = ENTITLED
column-had = HAD
column-error = ERROR
ledger-title = lent and had in return { $period }, in GPU-hours
ledger-none = nobody claimed GPUs then
column-lent = LENT
column-own = OWN
column-borrowed = BORROWED
column-unclaimed = UNCLAIMED
ledger-returned = How lent GPUs came back: time from the holder's wish until they were free
column-claim = CLAIM
column-recalls = RECALLS
column-p50 = P50
column-p95 = P95
column-longest = LONGEST
column-grace = GRACE
column-no-shows = NO-SHOWS

# One job
show-title = job { $job }: { $state }
show-name = name
show-who = who
show-asks = asks for
show-walltime = walltime
show-submitted = submitted
show-begin = not before
show-command = command
show-folder = folder
show-output = output
show-error = errors
show-node = node
show-pid = process
show-started = started
show-ran = ran
show-idle = idle
show-pinned = pinned
show-suspends = suspends
suspends-yes = yes
suspends-yes-cost = yes, in { $cost } at most: its turns last { $turn } or longer
suspends-unknown = not tried yet
suspends-slice = no: no driver can suspend what runs on a slice of a GPU
suspends-mps = no: no driver can suspend what goes through MPS
suspends-no = no: { $why }
show-progress = progress
show-left = time left
progress-epoch-of = epoch { $epoch }/{ $last }
progress-epoch = epoch { $epoch }
progress-left = { $left }, ends about { $end }
progress-parts = not known: its output does not say how many parts there are
progress-short-epoch = epoch { $epoch }: { $percent }
progress-short-part = part: { $percent }
show-ended = ended
asks-on-nodes = { $nodes } nodes with each{" "}
asks-gpus = { $gpus ->
    [one] 1 GPU
   *[other] { $gpus } GPUs
}
asks-part = { $mem } of one GPU
asks-for = { $gpus }{ $models }, { $cpus ->
    [one] 1 core
   *[other] { $cpus } cores
}, { $mem }
no-memory = no memory named
no-limit = none
node-gpus = { $node }, GPU { $gpus }
part-slice = : { $mem }, a slice of its own
part-watched = : { $mem } of { $all } on { $model }, watched
part-mps = : { $mem } of { $all } on { $model }, limited by MPS
show-mps = MPS
mps-beside = not through MPS, so only watched: process { $pids }
mps-together = a fault in one job of this person on this GPU ends the others
ran-turns = { $time } in { $turns ->
    [one] 1 turn
   *[other] { $turns } turns
}
does-not-wait = job { $job } does not wait: it is { $state }
why-title = job { $job } waits: place { $place } of { $of }, start { $when } if all run as long as they may
why-forecast = forecast of its start: { $window }
why-title-unknown = job { $job } waits, and no start of it is planned
why-title-begin = job { $job } waits for its time, and is in line from { $when }
ground-first = nobody else is before it in the order of turns
ground-claim = job { $ahead } goes first: { $who } has a claim there
ground-promise = job { $ahead } goes first: { $who } would else have waited longer than was promised, from { $when } on
ground-spare = job { $ahead } goes first: the budget that pays for this one is spent, so it goes as spare
ground-class = job { $ahead } goes first: class { $theirs } goes before class { $ours }
ground-share = job { $ahead } goes first: { $theirs }, { $ours }{ $pool }
ground-share-held = job { $ahead } goes first: { $theirs }, { $ours }{ $pool }; what each holds counts for one turn more, against its share
ground-age = job { $ahead } goes first: it was submitted earlier, at { $when }
your-lab = your lab { $name }
your-grant = your grant { $name }
your-person = { $name }
other-lab = lab { $name }
other-grant = grant { $name }
no-grant = { $lab } without a grant
is-owed = { $who } is owed { $hours } GPU-hours
had-more = { $who } had { $hours } GPU-hours more than its share
used = { $who } has used { $hours } GPU-hours
sooner = { $time } sooner
sooner-with = Sooner with one change, the smallest first:
column-change = CHANGE
blocker-away = it had left its GPUs to others, and nobody has typed on its terminal since; typing there puts it in line again
blocker-held = it is held; 'rota release' lets it start
blocker-dependency = job { $on } must end first
blocker-not-before = it asked to start no earlier than { $when }; 'rota change { $job } --begin now' lets it start sooner
blocker-array-limit = { $most } tasks of its array run, and no more may at a time
blocker-gpus = it asks for { $asked ->
    [one] 1 GPU
   *[other] { $asked } GPUs
} on one node, and { $free ->
    [0] none is free
    [one] at most 1 is free on one
   *[other] at most { $free } are free on one
}
blocker-gpu-memory = it asks for { $asked } of a GPU, and { $none ->
    [0] no GPU that may be shared has any free
   *[other] at most { $free } are free on one
}
blocker-gpu-memory-apart = it asks for { $asked } of a GPU; here only jobs of one person share one (MPS), and { $none ->
    [0] none has any left for this person
   *[other] at most { $free } are free for this person on one
}
blocker-host = GPUs are free; beside them are { $cpus ->
    [0] no CPU core
    [one] one CPU core
   *[other] { $cpus } CPU cores
    } and { $mem } of memory, which is too little; less with --cpus or --mem may fit
blocker-reserved = what is free is kept for job { $job }, which is ahead; a shorter --time may fit in before it
blocker-own-gpus = it is suspended, and another job has its turn on its GPUs
blocker-drained = { $gpus ->
    [one] GPU { $which } is drained: { $why }
   *[other] { $gpus } GPUs that could take it are drained, such as { $which }: { $why }
}
blocker-idle = { $gpus ->
    [one] one GPU that could take it is
   *[other] { $gpus } GPUs that could take it are
} held and not used, the first by job { $job } of { $who }
blocker-idle-until = ; whoever waits may have what it holds from { $until }
blocker-idle-pinned = , which is pinned: { $why }
blocker-outsiders = { $gpus ->
    [one] on GPU { $which } { $who } runs { $command } without a turn; 'rota gpus' says more
   *[other] on { $gpus } GPUs that could take it people run something without a turn, such as { $who } { $command } on { $which }
}
blocker-makes-no-room = it makes no room for others, and may run in pool { $pool } for at most { $slice } now, as nobody waits there longer than was promised; 'rota change' it with --time { $slice }, or with --turns requeue if it continues from its own checkpoint
blocker-nodes-down = every node that could take it is down
blocker-limit = { $rule } ({ $who }{ $pool })
limit-gpus = at most { $most } GPUs may be held at a time, and { $used } are held
limit-jobs = at most { $most } jobs may run at a time, and { $used } run
limit-gpus-per-job = a job may have at most { $most } GPUs, and it asks for { $used }; 'rota change' asks for fewer
limit-max-time = a job may ask for at most { $most }, and it asks for { $used }; 'rota change --time' asks for less
limit-booked-gpu-days = running jobs may have booked at most { $most } GPU-days, and { $used } are booked; a shorter --time books less
in-pool = { " " }in pool { $pool }
until = { " " }until { $when }
blocker-spent = the budget of { $who } is spent{ $until }
blocker-claimed = what is free is claimed by { $who }{ $until }, and it may not borrow that
outcome-exited = exit code { $code }
outcome-signaled = ended by { $signal }
outcome-timeout = stopped at its walltime
outcome-part-exceeded = stopped: it used { $used } of its { $part } part of a GPU
outcome-cancelled = cancelled by { $by }
outcome-not-started = could not be started: { $why }
outcome-dependency-failed = job { $on } ended in a way that it can never follow
outcome-lost = lost: { $why }
happened-submitted = submitted
happened-adopted = brought in
happened-held = held by { $by }
happened-released = released by { $by }
happened-lined-up = its time has come: in line from now on
happened-changed = changed by { $by }
happened-cancel-asked = cancel asked by { $by }
happened-room-kept = GPUs are being freed for it
happened-start-decided = { $how ->
    [resume] turn { $turn } begins: goes on
   *[other] turn { $turn } begins: run { $run }
} ({ $reason })
happened-started = runs
happened-stop-decided = turn { $turn }: { $how ->
    [suspend] to suspend
    [requeue] to end and queue again
   *[other] to end
} ({ $reason })
happened-suspended = suspended
happened-suspend-failed = could not be suspended: { $why }
happened-requeued = queued again
happened-requeued-because = queued again: { $why }
happened-warned = warned with { $signal }
happened-went-idle = { $gpus ->
    [one] a GPU has not been used since { $since }
   *[other] { $gpus } GPUs have not been used since { $since }
}{ $empty ->
    [1] , and no program is on it
   *[other] {""}
}
happened-went-busy = its GPUs work
happened-person-returned = its person typed again
happened-idle-warned = { $until ->
    [none] told that GPUs are not used
   *[other] told that GPUs are not used; others may have them from { $until }
}
happened-pinned = pinned by { $by }: { $why }
happened-unpinned = unpinned by { $by }
happened-part-exceeded = uses { $used } of its { $part } part; stopped if it goes on
happened-part-kept = uses no more than its part again
happened-ended = { $outcome }
reason-in-order = first in order
reason-backfill = fits in before the jobs ahead
reason-room-made = room was made for it
reason-turn-over = its turn is over; next is job { $job }
reason-own-claim = on GPUs that its people claim
reason-promise = the promise to its people would else be broken
reason-reclaimed = the claim's holder wants the GPUs back, for job { $job }
reason-gave-way = it ran as spare, and job { $job } needs the room
reason-idle = GPUs not used; next is job { $job }
reason-walltime = its walltime is over
reason-gpu-failed = its GPU failed
reason-part-exceeded = it uses more GPU memory than its part
reason-asked = a person asked

# Costs and bookings
quote-title = what it costs, in GPU-hours ({ $unit })
column-an-hour = AN HOUR
column-for = FOR
column-costs = COSTS
one-turn = { $time } (a turn)
now = now
purse-left = budget { $who }: { $left } left until { $until }, { $after } after the cheapest of these
purse-short = budget { $who }: { $left } left until { $until }, which is less than the cheapest of these costs
bad-moment = --from '{ $value }': write "2026-11-27 13:00", 13:00, now or now+2h (local time)
booked = booked { $number }: { $gpus }, from { $from } until { $until }, for { $cost } GPU-hours
booked-note = Your jobs start on it at its time. Until you come, others may use it; after 15 minutes nobody waits for you. Given back before it begins, it costs nothing; later, all of it.
bookings-empty = nothing is booked
begun-until = { $when } (now)
column-number = BOOKING
column-from = FROM
column-until = UNTIL
column-why = WHY
unbooked = gave booking { $number } back: { $hours } GPU-hours are paid back
unbooked-unpaid = gave booking { $number } back; nothing is paid back, because it had begun

# The policy
policy-good = { $path }: nothing keeps this policy from being applied
policy-no-server = No server answers: what depends on nodes and people was not looked at.
policy-not-text = { $path } is no text in UTF-8
policy-error = error
policy-warning = warning
policy-meant = did you mean { $meant }?
policy-faults = { $errors ->
    [1] 1 error
   *[other] { $errors } errors
}, { $warnings ->
    [1] 1 warning
   *[other] { $warnings } warnings
}: this policy cannot be applied
policy-applied-by = Applied by { $who } on { $when }. To change it: edit a copy, then
    'rota policy diff FILE' and 'rota policy apply FILE'.
policy-never-applied = No policy was ever applied here: this is the default, in which all labs
    have equal shares and take turns. To have your own: edit a copy, then
    'rota policy check FILE' and 'rota policy apply FILE'.
policy-nothing-changes = Nothing changes.
policy-entitled = Labs are entitled to, of the GPUs at their price:
policy-waits = The longest wait for a turn:
policy-lines = Lines of the policy:
policy-no-pool = (no pool)
policy-none = none
policy-bound = as things are { $before } → { $after }
policy-promise = promised { $before } → { $after }
policy-jobs-pass = { $jobs ->
    [1] 1 running job passes it: kept until its turn ends
   *[other] { $jobs } running jobs pass it: kept until their turn ends
}
policy-ask = Apply this policy? [y/N]{" "}
policy-needs-yes = nobody can be asked here: look at 'rota policy diff', then add --yes
policy-not-applied = Nothing was applied.
policy-applied = The policy is applied. Running jobs go on.

# This machine
doctor-driver = driver
doctor-no-driver = none: jobs run without GPUs; 'rota up --simulate campus' shows simulated ones
doctor-version = NVIDIA { $version }
doctor-unreadable = the GPUs cannot be read: { $why }
doctor-silent = the driver says nothing
doctor-gpu = GPU
doctor-slices = { $count ->
    [0] it is split (MIG) and has no instance: there is nothing to give to jobs
   *[other] it is split (MIG) into { $count }: a job is given one by its name, and the GPU filter lets it open the card with all of them
}
doctor-gpu-is = { $product }, { $memory } ({ $uuid })
doctor-persistence = persistence mode is off: each first use waits for the driver; 'nvidia-smi -pm 1' as root sets it
doctor-one-program = its compute mode lets in one program at a time: jobs share it through MPS alone; 'nvidia-smi -c 0' as root changes that
doctor-no-program = its compute mode lets no program in; 'nvidia-smi -c 0' as root changes that
doctor-mps = MPS
doctor-mps-there = { $path }: in pools with mps = true it holds each part of a GPU to its memory
doctor-mps-missing = there is no nvidia-cuda-mps-control, which comes with the driver: parts of GPUs are watched, not limited
doctor-mps-quiet = no daemon answers at { $path }: programs that look for one there run without MPS
doctor-mps-gone = no daemon answers at { $path }: jobs there are watched, not limited; the next one of { $owner } starts one
doctor-mps-others = { $path } belongs to { $owner }: 'sudo rota doctor' asks the daemon there
doctor-mps-hangs = the daemon at { $path } does not answer: programs that look for it may hang; as { $owner }, end its process nvidia-cuda-mps-control
doctor-mps-idle = a daemon answers at { $path } ({ $owner }), and nobody goes through it
doctor-mps-busy = a daemon answers at { $path } ({ $owner }), and through its server go { $clients }
doctor-mps-usual = programs that were told of no other daemon go through this one, Rota's jobs too: those cannot be suspended, and a fault in one ends all; unless that is meant, 'echo quit | nvidia-cuda-mps-control' as { $owner } ends it
doctor-mps-strangers = no job of Rota started { $clients }: what they use is nobody's in shares and limits, and a fault in one ends the jobs beside it; 'rota run' starts them as jobs
doctor-mps-people = { $people } share a daemon: a fault of one ends the work of all; a pool with mps = true gives each person their own
doctor-turns = turns
doctor-turns-suspend = programs on GPUs can be suspended: --turns suspend tries it
doctor-turns-requeue = this driver cannot suspend programs: --turns requeue, or driver 575 or later
doctor-group = cgroup
doctor-group-works = each job gets a control group of its own
doctor-group-instead = jobs are kept apart by their environment alone, and stopped by signals
doctor-freeze = freeze
doctor-freeze-works = a job is stopped as one, and does not notice
doctor-freeze-instead = signals to every process instead; programs can notice
doctor-kill = kill
doctor-kill-works = a job is ended as one, even while it is frozen
doctor-filter = GPU filter
doctor-filter-works = a job cannot open a GPU it was not given
doctor-filter-instead = a job can open other GPUs if it wants to
doctor-cpu = CPU time
doctor-cpu-works = shared by the cores that were asked for
doctor-memory = memory
doctor-memory-works = a job gets no more than it asked for
doctor-processes = processes
doctor-processes-works = a program that runs away is stopped at 32768
doctor-limit-instead = not limited
doctor-no-mount = cgroup v2 is not mounted
doctor-needs-root = only root may: 'rota up --system'
doctor-no-controller = cgroup v2 has no controller '{ $name }' here; cgroup v1 may hold it
doctor-server = server
doctor-identity = identity
doctor-root = root: 'rota up --system' serves everyone on this machine
doctor-not-root = not root: a server of yours serves you alone
doctor-store = store
doctor-store-free = { $path } ({ $free } free)

# The demo
demo-left = SIMULATED GPUs: { $left } of { $all } jobs left, { $running } on nodes
demo-done = SIMULATED GPUs, real programs: { $jobs } jobs in { $seconds } s, { $ok } with exit code 0
demo-turns = turns begun   { $turns }
demo-longest-wait = longest wait  { $time }
demo-gpu-hours = GPU-hours     { $lab } { $hours }
demo-lost = lost work     { $hours } GPU-hours
demo-next = To start for real:
demo-next-run = {"  "}rota run -- python train.py    starts a server of your own where none runs
demo-next-up = {"  "}sudo rota up --system          serves everyone on this machine

# Replays of the past
replay-bad-zone = --zone '{ $value }': write the name of a time zone, such as Asia/Seoul or UTC
replay-bad-format = --as '{ $value }': write one of { $known }
replay-packed = { $path } is no text as it is; read what '{ $with } { $path }' writes: rota replay <({ $with } { $path }) …
replay-empty = { $path } is empty
replay-no-format = what format { $path } is in cannot be seen from how it begins; say it with --as, one of { $known }
replay-bad-when = { $option } '{ $value }': write a day such as 2026-03-01, a time of it such as 2026-03-01T13:00, or a time after the first job such as 30d
replay-bad-inventory = --inventory '{ $text }': write 1 to { $most } nodes of 1 to 64 GPUs, such as h100*8,a100*4 or h100*8*50, or name a file (.csv, .toml)
replay-bad-model = --measured-on '{ $value }' is no model that is known; write one of { $known }
nodes-no-toml = { $path }:{ $line }: this is no TOML: { $why }
nodes-none = { $path } lists no node: in CSV write a heading (model,gpus) and a line for each, in TOML node = [{"{"} model = "h100", gpus = 8 {"}"}]
nodes-missing = { $path }:{ $line }: '{ $name }' is missing
nodes-bad = { $path }:{ $line }: { $name } '{ $value }' cannot be
nodes-too-many = { $path }: at most { $most } nodes are possible
unknown-models = Models that are not known ({ $models }) count as an A100, in price and speed.
replay-no-jobs = no job of { $path } could be used, read as { $format }; --as names another format
replay-none-left = --since, --until and --limit leave none of the { $jobs } jobs of the trace, submitted from { $from } to { $until }
result-over-read = { $path } is already one of the files of this command: name another for the result
change-not = { $option } holds from the submit on: 'rota cancel' the job and submit it again
change-nothing = nothing to change was named: write what should be different, such as --time 8h
sweep-twice = --sweep names '{ $name }' twice: write all its values once, such as { $name }=1,2
replay-restless = the replay stopped: { $why }
replay-taken-for = { $path }: taken for { $format }; { $jobs } jobs
replay-read-as = { $path }: read as { $format }; { $jobs } jobs
replay-on = submitted within { $days }, on { $gpus } GPUs of { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
}
replay-rota = Rota
replay-fifo = FIFO
replay-easy = EASY
replay-easy-oracle = EASY (oracle)
replay-las = LAS
replay-srtf-oracle = SRTF (oracle)
replay-short-rota = Rota
replay-short-fifo = FIFO
replay-short-easy = EASY
replay-short-easy-oracle = EASY*
replay-short-las = LAS
replay-short-srtf-oracle = SRTF*
replay-column-policy = wait, hours
replay-column-mean = mean
replay-column-p50 = half
replay-column-p90 = 90%
replay-column-p99 = 99%
replay-column-max = longest
replay-column-end = to end
replay-column-used = used
replay-column-unmet = unmet
replay-column-starts = starts
replay-column-jobs = jobs
replay-by-lab = mean hours by lab
replay-by-model = mean hours by model
replay-any = any
replay-more = ... and { $count } more; --csv or --json has all
replay-never = { $policy }: { $jobs ->
    [one] 1 job
   *[other] { $jobs } jobs
} never started
replay-too-large = { $jobs ->
    [one] 1 job asks
   *[other] { $jobs } jobs ask
} for more GPUs than these nodes have, and are left out
replay-other-model = { $jobs ->
    [one] 1 job asks
   *[other] { $jobs } jobs ask
} for a model that these nodes do not have, and take any
replay-left-out = left out of the trace: { $count ->
    [one] 1 line
   *[other] { $count } lines
}
replay-reason = { $count }: { $why } (lines { $lines })
replay-why-no-gpu = asks for no GPU
replay-why-never-ran = never ran
replay-why-step = a step or a part of a job that has its own line
replay-why-twice = says again what another line says
replay-why-fields = has another number of fields than the heading
replay-why-missing = '{ $field }' is missing
replay-why-unreadable = '{ $field }' cannot be read
replay-why-not-json = is not JSON from here on
replay-why-too-long = is longer than 1 MiB
replay-why-no-heading = no heading names the columns; sacct -P without -n writes one
replay-mixed = Several models: your policy runs a job as much longer as its GPU is slower,
    the other rows run all as on the model of which there are most GPUs. Between
    it and them, waits compare only roughly.
replay-oracle = Oracle (*): knows how long every job will run, which no site does.

whatif-nothing = say what should be different: --add 2xH100x8, --turn h100=2h, --share lab/kim=3, --scenario '...'; or ask --buy or --need
whatif-too-many = at most { $most } scenarios can be compared at once; leave some out
whatif-inventory = a trace says nothing of the nodes: add --inventory, such as h100*8*2
whatif-only-trace = { $option } is about traces; for your own log write --days, or name a trace
whatif-no-history = no job with GPUs ran here in the last { $days } days; take more with --days, or a trace: 'rota whatif TRACE --inventory h100*8'
whatif-bad-nodes = '{ $text }' is no number of nodes: write 2xH100x8 for two nodes of eight H100
whatif-bad-time = '{ $text }': write a pool and a time, such as h100=2h
whatif-bad-share = '{ $text }': write whose weight, and a number above 0, such as lab/kim=3
whatif-bad-word = '{ $text }' is nothing that can change: write add, remove, turn, max-wait, share or policy, with ; between them
whatif-no-pool = the policy has no pool '{ $pool }'; 'rota policy show' has the names
whatif-fewer = { $asked } nodes { $kind } cannot go: there are { $all }
whatif-no-node = no GPU would be left; remove fewer nodes
whatif-bad-policy = the changed policy contradicts itself: { $why }
whatif-bad-money = --buy '{ $text }': write an amount and a currency, such as 500M-KRW
whatif-bad-goal = --goal '{ $text }': write mean, p50, p90, p95, p99 or max, and a time, such as 'p95<4h'
whatif-buys-nothing = { $money } buys no node at these prices; check --prices and the currency
whatif-other-currency = Prices in another currency than { $currency } were not compared with --buy: { $offers }
whatif-base = as it is
whatif-own = Own log: { $jobs } jobs with GPUs, { $period }.
whatif-own-booked = Own log: { $jobs } jobs with GPUs and { $bookings ->
    [one] one booking
   *[other] { $bookings } bookings
}, { $period }.
whatif-trace = { $path }: { $jobs } jobs, { $period }.
whatif-short = Few jobs, or a short time: these numbers say little. Take more days (--days), or a trace of last year.
whatif-never-ran = Left out: { $jobs ->
    [one] 1 job that never ran; nobody knows how long it would have taken.
   *[other] { $jobs } jobs that never ran; nobody knows how long they would have taken.
}
whatif-anywhere = { $jobs } jobs of the trace do not say on which GPU model they ran: they are supposed to run as long on any, so that slow and cheap models look as good as fast ones. Say it with --measured-on V100.
whatif-supposes = Supposes that people submit what they submitted then, and that a job takes as much longer on another model as that is slower. Waits are hours from submit to the first start; --json has all numbers.
whatif-measure = all jobs
whatif-gpus = GPUs
whatif-jobs = jobs submitted
whatif-ended = jobs ended in the period
whatif-p50 = wait, half, hours
whatif-p95 = wait, 95%, hours
whatif-max = wait, longest, hours
whatif-end = submit to end, mean, hours
whatif-waited = waiting in all, hours
whatif-used = GPUs in use
whatif-shortage = shortage: unmet of wanted
whatif-promise = promise kept
whatif-jain = fairness of shares (Jain)
whatif-rho = finish-time fairness, 95%
whatif-share-error = share error, median, points
whatif-lost-kept = lost work at most, suspended
whatif-lost-requeued = lost work at most, requeued
whatif-refused = jobs refused at submit
whatif-bookings-refused = bookings refused
whatif-never = jobs that never start
whatif-too-large = jobs too large for the site
whatif-fairness = under your policy
whatif-short-p50 = half
whatif-short-p95 = 95%
whatif-short-max = longest
whatif-by-lab = wait by lab
whatif-by-pool = wait by pool
whatif-by-model = wait by model
whatif-by-lab-short = wait, hours
whatif-by-shortage = shortage by model
whatif-rest = (rest)
whatif-hours = { $hours } h
whatif-gpu-hours = { $hours } GPU-h
whatif-buys = What { $money } buys: { $played } purchases played, by hours of waiting saved
whatif-buy = purchase
whatif-price = price
whatif-saved = hours saved
whatif-per-million = per 1M
whatif-p95-short = wait 95%
whatif-shortage-short = unmet
whatif-needs = How many more nodes until { $goal }
whatif-kind = kind
whatif-nodes = nodes
whatif-not-with = not with { $count }
whatif-unused = No job ran on { $models }: nobody asked for it. With --as-good, jobs also take a model that is as fast and has as much memory.
whatif-page-title = What if: the same jobs under other conditions
whatif-page-labs = Wait by lab: 95 of 100 waited no longer
whatif-page-pools = Wait by pool: 95 of 100 waited no longer
whatif-page-used = GPUs in use over time
whatif-page-waiting = GPUs waited for over time
whatif-page-shortage = Shortage by model: GPU-hours waited for
replay-page-title = What the queue would have been: { $path }
replay-page-on = { $jobs } jobs submitted within { $days }, on { $gpus } GPUs of { $nodes } nodes. Waits in hours.
replay-page-labs = Mean wait by lab

# Messages to people
notice-idle = job { $job } ({ $name }) has not used { $gpus ->
    [one] a GPU
   *[other] { $gpus } GPUs
} since { $since }.
notice-idle-empty = None of its programs is there: has it crashed?
notice-idle-until = Whoever waits may have { $gpus ->
    [one] it
   *[other] them
} from { $until }; 'rota pin { $job } --why REASON' leaves { $gpus ->
    [one] it
   *[other] them
} to the job.
notice-idle-typing = What you type here counts as use.
notice-idle-suspended-terminal = job { $job } ({ $name }) has not used its GPUs since { $since }, and nobody typed; it leaves them to job { $next }. It is suspended and loses nothing.
notice-idle-queued-terminal = job { $job } ({ $name }) has not used its GPUs since { $since }, and nobody typed; it leaves them to job { $next }. Its program ends, and can begin anew.
notice-idle-suspended = job { $job } ({ $name }) has not used its GPUs since { $since } and leaves them to job { $next }; it is suspended, loses nothing, and goes on when its turn comes.
notice-idle-queued = job { $job } ({ $name }) has not used its GPUs since { $since } and leaves them to job { $next }; it is queued again.
notice-part-exceeded = this job uses { $used } of a GPU, and its part is { $part }; it is stopped if it still does in { $seconds } s.
notice-part-taken = this job is stopped, because it still uses { $used } of a GPU and its part is { $part }; ask for more with --gpu-mem.
