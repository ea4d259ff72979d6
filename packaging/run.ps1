# Sets DGM Studio up on Windows (once; fast afterwards) and starts it with the arguments given:
#   powershell -ExecutionPolicy Bypass -File packaging\run.ps1 [arguments]
# UNTESTED: written with care after packaging/setup.sh, which explains the reasons, but never run on Windows.
#
# Environment variables, as there: DGM_STUDIO_ENV, DGM_STUDIO_TORCH_INDEX. The latter has no default here, because the
# wheel Windows gets by default is the CPU build; set it to one of PyTorch's CUDA indexes to use an NVIDIA GPU.
# No param() block: $args must carry options such as --json to the program untouched.

$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
$constraints = Join-Path $root 'packaging\constraints.txt'
$madeHere = 'dgm-studio-made-this'
$inRange = 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'

# On standard error: standard output belongs to the program (--json).
function Say([string] $text) { [Console]::Error.WriteLine("dgm-studio: $text") }
function Refuse([string] $text) { Say $text; exit 1 }

# Whether a native command succeeds. Its standard error must not become a PowerShell error (Windows PowerShell 5 does that).
function Succeeds([string] $program, [string[]] $arguments) {
    $ErrorActionPreference = 'Continue'
    try { & $program @arguments 2>&1 | Out-Null } catch { return $false }
    return $LASTEXITCODE -eq 0
}

# A native command whose output goes to the terminal's standard error; whether it succeeded.
function Show([string] $program, [string[]] $arguments) {
    $ErrorActionPreference = 'Continue'
    & $program @arguments 2>&1 | ForEach-Object { [Console]::Error.WriteLine("$_") }
    return $LASTEXITCODE -eq 0
}

function Environment-Folder {
    if ($env:DGM_STUDIO_ENV) {
        return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($env:DGM_STUDIO_ENV)
    }
    $probe = Join-Path $root ".writable-$PID"
    try {
        New-Item -ItemType File -Path $probe | Out-Null
        Remove-Item -LiteralPath $probe
        return Join-Path $root '.venv'
    } catch {
        return Join-Path $env:LOCALAPPDATA 'dgm-studio\env'
    }
}

# What an installation depends on. The checkout's path, because the install is editable and points there.
function Fingerprint {
    $hashes = (Join-Path $root 'pyproject.toml'), $constraints |
        ForEach-Object { (Get-FileHash -Algorithm SHA256 -LiteralPath $_).Hash }
    $version = & $python -c 'import sys; print(sys.version)'
    return (@($root) + $hashes + $version) -join "`n"
}

function Is-Ready {
    if (-not ((Test-Path -LiteralPath $stamp) -and (Test-Path -LiteralPath $python))) { return $false }
    try { return (Get-Content -Raw -Encoding UTF8 -LiteralPath $stamp).Trim() -eq (Fingerprint).Trim() } catch { return $false }
}

# The newest Python in range, as program and arguments. Each is asked: `python` may be the Store's stand-in.
function Find-Python {
    foreach ($candidate in @(@('py', '-3.13'), @('py', '-3.12'), @('py', '-3.11'), @('python'))) {
        $rest = @($candidate | Select-Object -Skip 1)
        if (Succeeds $candidate[0] ($rest + @('-c', "import venv, ensurepip; $inRange"))) { return , $candidate }
    }
    Refuse 'Python 3.11, 3.12 or 3.13 is needed and none was found: install one from python.org.'
}

function Install {
    $env:PIP_NO_INPUT = '1'
    $env:PIP_DISABLE_PIP_VERSION_CHECK = '1'
    if (-not ((Succeeds $python @('-c', $inRange)) -and (Succeeds $python @('-m', 'pip', '--version')))) {
        $base = Find-Python
        if (Test-Path -LiteralPath $folder) {
            # Only what this set-up made is ever cleared away.
            if ((Get-ChildItem -Force -LiteralPath $folder) -and -not (Test-Path -LiteralPath (Join-Path $folder $madeHere))) {
                Refuse "$folder holds something else than a usable Python environment; move it, or set DGM_STUDIO_ENV."
            }
            Get-ChildItem -Force -LiteralPath $folder | Remove-Item -Recurse -Force
        }
        Say "setting up in $folder (once; a minute or more, about 1.3 GB)"
        New-Item -ItemType Directory -Force -Path $folder | Out-Null
        New-Item -ItemType File -Path (Join-Path $folder $madeHere) | Out-Null
        $rest = @($base | Select-Object -Skip 1)
        if (-not (Show $base[0] ($rest + @('-m', 'venv', $folder)))) {
            Refuse "a private environment cannot be made in $folder."
        }
    } else {
        Say "bringing $folder up to date"
    }
    if (Test-Path -LiteralPath $stamp) { Remove-Item -LiteralPath $stamp }

    if ($env:DGM_STUDIO_TORCH_INDEX) {
        Say "fetching torch (asking $($env:DGM_STUDIO_TORCH_INDEX) first)"
        $before = $env:PIP_INDEX_URL
        $env:PIP_INDEX_URL = $env:DGM_STUDIO_TORCH_INDEX
        $done = Show $python @('-m', 'pip', 'install', '--retries', '1', '--no-deps', '-c', $constraints, 'torch')
        $env:PIP_INDEX_URL = $before
        if (-not $done) { Say "that index does not give torch; taking what pip's configured index has" }
    }
    Say 'installing the rest'
    if (-not (Show $python @('-m', 'pip', 'install', '-c', $constraints, '-e', $root))) {
        Refuse 'the installation failed; the reason stands above, and the next start tries again.'
    }
    Set-Content -Encoding UTF8 -LiteralPath $stamp -Value (Fingerprint)
}

$folder = Environment-Folder
$python = Join-Path $folder 'Scripts\python.exe'
$stamp = Join-Path $folder 'dgm-studio-app.stamp'
if (-not (Is-Ready)) { Install }

# -P: a file of the user's own in the current folder must not take the place of a library.
& $python -P -m dgm_studio @args
exit $LASTEXITCODE
