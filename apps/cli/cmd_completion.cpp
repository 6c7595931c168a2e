// valence completion: scripts that complete command lines, made from the declared options
// themselves.
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/command.h"
#include "valence/error.h"

namespace valence::cli {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string quoted(const std::string& text) {
  return "'" + replaced(text, "'", "'\\''") + "'";
}

std::vector<const CLI::App*> commands_of(const CLI::App& root) {
  return root.get_subcommands([](const CLI::App*) { return true; });
}

// Options with a name; positional arguments have none.
std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

// "a b c" for an option that takes one of {a,b,c} or of {a->1,b->2,c->3}; empty for any other.
std::string choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return "";
  std::string choices = type.substr(open + 1, close - open - 1);
  for (std::size_t arrow = 0; (arrow = choices.find("->")) != std::string::npos;) {
    choices.erase(arrow, choices.find(',', arrow) - arrow);  // up to the end after the last one
  }
  return replaced(choices, ",", " ");
}

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

std::string bash_values(const CLI::App& command) {
  std::string cases;
  for (const CLI::Option* option : options_of(command)) {
    if (!takes_value(*option)) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : names_of(*option)) {
      patterns.push_back(command.get_name() + ":" + name);
    }
    const std::string choices = choices_of(*option);
    cases +=
        "    " + joined(patterns, "|") + ") " +
        (choices.empty() ? "" : "COMPREPLY=($(compgen -W '" + choices + "' -- \"$current\")); ") +
        "return ;;\n";
  }
  return cases;
}

std::string bash_script(const CLI::App& root) {
  std::vector<std::string> commands;
  std::string values;
  std::string words;
  for (const CLI::App* command : commands_of(root)) {
    std::vector<std::string> names;
    for (const CLI::Option* option : options_of(*command)) {
      for (const std::string& name : names_of(*option)) names.push_back(name);
    }
    commands.push_back(command->get_name());
    values += bash_values(*command);
    words += "    " + command->get_name() + ") words='" + joined(names, " ") + "' ;;\n";
  }
  return "# bash completion for valence\n"
         "_valence() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=\n"
         "  COMPREPLY=()\n"
         "  case \"${COMP_WORDS[1]}:$previous\" in\n" +
         values +
         "  esac\n"
         "  case \"${COMP_WORDS[1]}\" in\n" +
         words +
         "  esac\n"
         "  [[ $COMP_CWORD == 1 ]] && words='" +
         joined(commands, " ") +
         " --help --version'\n"
         "  [[ $COMP_CWORD == 1 || $current == -* ]] &&\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o bashdefault -o default -F _valence valence\n";
}

// A description inside the brackets of an _arguments specification.
std::string zsh_text(std::string text) {
  for (const char* special : {"\\", "[", "]", ":"}) {
    text = replaced(text, special, std::string("\\") + special);
  }
  return text;
}

std::string zsh_script(const CLI::App& root) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : commands_of(root)) {
    commands +=
        "    " +
        quoted(command->get_name() + ":" + replaced(command->get_description(), ":", "\\:")) + "\n";
    cases += "    " + command->get_name() + ") _arguments -s -S";
    for (const CLI::Option* option : options_of(*command)) {
      const std::string choices = choices_of(*option);
      const std::string value = choices.empty() ? ":value:_files" : ":value:(" + choices + ")";
      for (const std::string& name : names_of(*option)) {
        cases += " \\\n      " + quoted(name + "[" + zsh_text(option->get_description()) + "]" +
                                        (takes_value(*option) ? value : ""));
      }
    }
    cases += " \\\n      '*:file:_files' ;;\n";
  }
  return "#compdef valence\n"
         "_valence() {\n"
         "  local -a commands=(\n" +
         commands +
         "  )\n"
         "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case $words[1] in\n" +
         cases +
         "  esac\n"
         "}\n"
         "if [[ $funcstack[1] == _valence ]]; then _valence \"$@\"; else compdef _valence valence; "
         "fi\n";
}

std::string fish_script(const CLI::App& root) {
  std::string lines = "# fish completion for valence\n";
  for (const CLI::App* command : commands_of(root)) {
    const std::string& name = command->get_name();
    lines += "complete -c valence -n __fish_use_subcommand -f -a " + name + " -d " +
             quoted(command->get_description()) + "\n";
    for (const CLI::Option* option : options_of(*command)) {
      lines += "complete -c valence -n '__fish_seen_subcommand_from " + name + "'";
      for (const std::string& letter : option->get_snames()) lines += " -s " + letter;
      for (const std::string& word : option->get_lnames()) lines += " -l " + word;
      const std::string choices = choices_of(*option);
      if (!choices.empty()) {
        lines += " -x -a '" + choices + "'";
      } else if (takes_value(*option)) {
        lines += " -r";
      }
      lines += " -d " + quoted(option->get_description()) + "\n";
    }
  }
  return lines;
}

struct Shell {
  std::string_view name;
  std::string (*script)(const CLI::App&);
};

constexpr auto kShells =
    std::to_array<Shell>({{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}});

}  // namespace

Action define_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  app.add_option("shell", *shell, "bash, zsh or fish")->required();
  return [&app, shell] {
    for (const Shell& row : kShells) {
      if (row.name != *shell) continue;
      const std::string script = row.script(*app.get_parent());
      std::fwrite(script.data(), 1, script.size(), stdout);
      return kOk;
    }
    throw Error(ErrorCode::kInvalidArgument,
                "no completion for the shell '" + *shell + "'; there is bash, zsh and fish");
  };
}

}  // namespace valence::cli
