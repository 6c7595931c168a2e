// label MODEL TEXT...: the best label of each text.
#include <iostream>
#include <string_view>
#include <vector>

#include "valence/classifier.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: label MODEL TEXT...\n";
    return 2;
  }
  try {
    const auto classifier = valence::Classifier::load(argv[1]);
    const std::vector<std::string_view> texts(argv + 2, argv + argc);
    for (const valence::Classification& answer : classifier.classify(texts)) {
      std::cout << answer.scores.front().label << ' ' << answer.scores.front().score << '\n';
    }
  } catch (const valence::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
