#include "base/svg.h"

#include "base/utf8.h"

namespace valence {

std::string xml_text(std::string_view text) {
  std::string result;
  for (const char c : replace_invalid_utf8(text)) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result;
}

std::string svg_text(double x, double y, const char* anchor, int size, std::string_view text) {
  return printed("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">", x, y, anchor,
                 size) +
         xml_text(text) + "</text>\n";
}

}  // namespace valence
