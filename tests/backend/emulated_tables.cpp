#include "backend/emulated_tables.h"

#if defined(__x86_64__)

#include <ucontext.h>

#include <bit>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include "backend/cpu/isa/common.h"
#include "backend/software_tiles.h"

namespace valence::cpu {
namespace {

// An instruction with a three-byte VEX prefix, of the map 0F 38.
class Instruction {
 public:
  Instruction(const std::uint8_t* code, mcontext_t& machine) : code_(code), machine_(machine) {}

  bool is_vex() const {
    return code_[0] == 0xC4 && (code_[1] & 0x1F) == 2 && (code_[2] & 0x80) == 0;
  }
  int prefix() const { return code_[2] & 3; }  // 0: none, 1: 66, 2: F3, 3: F2
  bool is_256_bits() const { return (code_[2] & 4) != 0; }
  int opcode() const { return code_[3]; }
  bool has_memory() const { return modrm() >> 6 != 3; }
  int reg() const { return (modrm() >> 3 & 7) + (code_[1] & 0x80 ? 0 : 8); }
  int rm() const { return (modrm() & 7) + (code_[1] & 0x20 ? 0 : 8); }
  int third() const { return ~code_[2] >> 3 & 15; }

  // Of the operand in memory: base + displacement, and the index register (as a stride).
  std::uint64_t base() const {
    const int mod = modrm() >> 6;
    const std::uint64_t from =
        has_sib() ? register_at((code_[5] & 7) + (code_[1] & 0x20 ? 0 : 8)) : register_at(rm());
    const std::uint8_t* at = code_ + (has_sib() ? 6 : 5);
    std::int32_t wide = 0;
    std::memcpy(&wide, at, sizeof wide);
    if (mod == 1) return from + static_cast<std::uint64_t>(static_cast<std::int8_t>(*at));
    return from + (mod == 2 ? static_cast<std::uint64_t>(wide) : 0);
  }
  std::int64_t stride() const {
    const int index = (code_[5] >> 3 & 7) + (code_[1] & 0x40 ? 0 : 8);
    return static_cast<std::int64_t>(register_at(index) << (code_[5] >> 6));
  }
  // Addresses relative to the instruction or without a base are not decoded.
  bool is_decodable() const {
    const bool no_base = modrm() >> 6 == 0 && ((has_sib() ? code_[5] : modrm()) & 7) == 5;
    return is_vex() && !(has_memory() && no_base);
  }
  int length() const {
    if (!has_memory()) return 5;
    const int mod = modrm() >> 6;
    return 5 + (has_sib() ? 1 : 0) + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
  }

 private:
  int modrm() const { return code_[4]; }
  bool has_sib() const { return has_memory() && (modrm() & 7) == 4; }
  std::uint64_t register_at(int number) const {
    constexpr int kNames[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                              REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                              REG_R12, REG_R13, REG_R14, REG_R15};
    return static_cast<std::uint64_t>(machine_.gregs[kNames[number]]);
  }

  const std::uint8_t* code_;
  mcontext_t& machine_;
};

// One of the 256-bit registers as the kernel saved it: its halves lie apart.
class SavedVector {
 public:
  SavedVector(mcontext_t& machine, int number) {
    auto* area = reinterpret_cast<std::byte*>(machine.fpregs);
    constexpr int kLow = 160, kPresent = 512, kHigh = 576, kSize = 16;
    // High halves that are all zero need not have been saved.
    std::uint64_t present = 0;
    std::memcpy(&present, area + kPresent, sizeof present);
    if ((present & 4) == 0) std::memset(area + kHigh, 0, kSize * kSize);
    present |= 4;
    std::memcpy(area + kPresent, &present, sizeof present);
    low_ = area + kLow + number * kSize;
    high_ = area + kHigh + number * kSize;
  }
  std::byte* group(int lane) const { return lane < 4 ? low_ + 4 * lane : high_ + 4 * (lane - 4); }

 private:
  std::byte* low_;
  std::byte* high_;
};

bool emulate_vnni(const Instruction& instruction, mcontext_t& machine) {
  if (instruction.opcode() != 0x50 || instruction.prefix() != 1 || instruction.has_memory() ||
      !instruction.is_256_bits())
    return false;
  const SavedVector sums(machine, instruction.reg());
  const SavedVector x(machine, instruction.third());
  const SavedVector weights(machine, instruction.rm());
  for (int lane = 0; lane < 8; ++lane) {
    std::int32_t sum = 0;
    std::memcpy(&sum, sums.group(lane), sizeof sum);
    for (int i = 0; i < 4; ++i)
      sum += static_cast<int>(x.group(lane)[i]) * static_cast<std::int8_t>(weights.group(lane)[i]);
    std::memcpy(sums.group(lane), &sum, sizeof sum);
  }
  return true;
}

bool emulate_amx(const Instruction& instruction) {
  enum { kNone, k66, kF3, kF2 };
  SoftwareTiles& tiles = software_tiles();
  auto* memory = instruction.has_memory() ? std::bit_cast<void*>(instruction.base()) : nullptr;
  const int kind = instruction.opcode() << 8 | instruction.prefix();
  if (instruction.is_256_bits()) return false;
  if (kind == (0x49 << 8 | kNone) && memory != nullptr)
    tiles.configure(*static_cast<const TileShapes*>(memory));
  else if (kind == (0x49 << 8 | kNone))
    tiles.release();
  else if (kind == (0x49 << 8 | kF2))
    tiles.zero(instruction.reg());
  else if (kind == (0x4B << 8 | kF2))
    tiles.load(instruction.reg(), memory, instruction.stride());
  else if (kind == (0x4B << 8 | kF3))
    tiles.store(instruction.reg(), memory, instruction.stride());
  else if (kind == (0x5E << 8 | k66))
    tiles.dot_bytes(instruction.reg(), instruction.rm(), instruction.third());
  else if (kind == (0x5C << 8 | kF3))
    tiles.dot_bf16(instruction.reg(), instruction.rm(), instruction.third());
  else
    return false;
  return true;
}

// What is not emulated, or not allowed, is run again and ends the program.
void on_illegal_instruction(int /*signal*/, siginfo_t* /*info*/, void* context) {
  mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  const Instruction instruction(std::bit_cast<const std::uint8_t*>(machine.gregs[REG_RIP]),
                                machine);
  try {
    if (instruction.is_decodable() &&
        (emulate_vnni(instruction, machine) || emulate_amx(instruction))) {
      machine.gregs[REG_RIP] += instruction.length();
      return;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  signal(SIGILL, SIG_DFL);
}

void install() {
  struct sigaction action = {};
  action.sa_sigaction = &on_illegal_instruction;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGILL, &action, nullptr);
}

}  // namespace

std::vector<const Kernels*> emulated_tables() {
  std::vector<const Kernels*> tables;
  if (kAvx512Bf16Kernels.supported() && !kAmxKernels.supported()) tables.push_back(&kAmxKernels);
  if (kAvx2Kernels.supported() && !kAvxVnniKernels.supported()) tables.push_back(&kAvxVnniKernels);
  if (!tables.empty()) install();
  return tables;
}

}  // namespace valence::cpu

#else

namespace valence::cpu {

std::vector<const Kernels*> emulated_tables() {
  return {};
}

}  // namespace valence::cpu

#endif
