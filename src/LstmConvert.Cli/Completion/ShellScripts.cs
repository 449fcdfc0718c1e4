namespace LstmConvert.Cli.Completion;

/// <summary>The script of each shell that asks the program what may stand where a word is typed.</summary>
internal static class ShellScripts
{
    /// <summary>The shells that are known.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish", "pwsh"];

    /// <summary>The script of a shell.</summary>
    public static string Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => PowerShell,
    };

    private const string Bash = """
        # Completions of lstmconvert for bash: commands, options, their values, and the scopes and variables of the source on the line.
        # For this shell:     source <(lstmconvert completions bash)
        # For every shell:    lstmconvert completions bash > ~/.local/share/bash-completion/completions/lstmconvert
        _lstmconvert() {
            COMPREPLY=()
            local candidate
            while IFS= read -r candidate; do
                COMPREPLY+=("$candidate")
            done < <("${COMP_WORDS[0]}" complete bash "$COMP_POINT" "$COMP_LINE" 2>/dev/null)
            if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[=:] ]]; then
                compopt -o nospace 2>/dev/null
            fi
        }
        complete -o default -F _lstmconvert lstmconvert

        """;

    private const string Zsh = """
        #compdef lstmconvert
        # Completions of lstmconvert for zsh: commands, options, their values, and the scopes and variables of the source on the line.
        # For this shell:     source <(lstmconvert completions zsh)          (behind 'autoload -Uz compinit && compinit')
        # For every shell:    lstmconvert completions zsh > a folder of $fpath/_lstmconvert
        _lstmconvert() {
            local -a full shown open
            local candidate says
            while IFS=$'\t' read -r candidate says; do
                if [[ $candidate == *[=:] ]]; then
                    open+=("$candidate")
                else
                    full+=("$candidate")
                    shown+=("$candidate${says:+  -- $says}")
                fi
            done < <("$words[1]" complete zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
            if (( $#full + $#open == 0 )); then
                _files
                return
            fi
            (( $#full )) && compadd -l -d shown -a full
            (( $#open )) && compadd -S '' -a open
            return 0
        }
        if [[ $funcstack[1] == _lstmconvert ]]; then
            _lstmconvert "$@"
        else
            compdef _lstmconvert lstmconvert
        fi

        """;

    private const string Fish = """
        # Completions of lstmconvert for fish: commands, options, their values, and the scopes and variables of the source on the line.
        # For this shell:     lstmconvert completions fish | source
        # For every shell:    lstmconvert completions fish > ~/.config/fish/completions/lstmconvert.fish
        function __lstmconvert_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l found ($words[1] complete fish -- $words[2..-1] "$current" 2>/dev/null)
            if test (count $found) -gt 0
                printf '%s\n' $found
            else
                __fish_complete_path "$current"
            end
        end
        complete -c lstmconvert -f -a '(__lstmconvert_complete)'

        """;

    private const string PowerShell = """
        # Completions of lstmconvert for PowerShell: commands, options, their values, and the scopes and variables of the source on the line.
        # For this shell:     lstmconvert completions pwsh | Out-String | Invoke-Expression
        # For every shell:    lstmconvert completions pwsh >> $PROFILE
        Register-ArgumentCompleter -Native -CommandName lstmconvert -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $point = $cursorPosition - $commandAst.Extent.StartOffset
            lstmconvert complete pwsh $point $commandAst.ToString() 2>$null | ForEach-Object {
                $text, $says = $_ -split "`t", 2
                if (-not $says) { $says = $text }
                [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $says)
            }
        }

        """;
}
