// The numbers of this runtime: identity, times, deposits, limits.
//
// Pallets include "runtime_config.hpp"; a runtime is compiled with the folder that holds its own.
// What a pallet needs to be told by other pallets is declared in its header under `wiring` and
// defined in relay/wiring.cpp.
#pragma once

#include "kit/dispatch.hpp"

namespace stipple::runtime::config {

// ---- identity; kSpecVersion stands in spec_version.hpp ----
inline constexpr std::string_view kSpecName = "stipple";
inline constexpr std::string_view kImplName = "stipple-cpp";
inline constexpr std::uint32_t kAuthoringVersion = 0;
inline constexpr std::uint32_t kImplVersion = 0;
inline constexpr std::uint32_t kTransactionVersion = 1;
/// State V1 and extrinsics root V0, as the relay chains have them.
inline constexpr std::uint8_t kSystemVersion = 1;
inline constexpr std::uint16_t kSs58Prefix = 42;

// ---- money ----
inline constexpr Balance kUnit = 1'000'000'000'000;
inline constexpr Balance kCent = kUnit / 100;
inline constexpr Balance kMillicent = kCent / 1000;
inline constexpr Balance kExistentialDeposit = kMillicent * 3 / 10 * 10;
/// What a deposit for `items` storage items of `bytes` bytes in all costs.
constexpr Balance deposit(std::uint32_t items, std::uint32_t bytes) {
    return items * 20 * kCent + bytes * kMillicent * 100;
}
inline constexpr std::uint32_t kMaxLocks = 50;
inline constexpr std::uint32_t kMaxReserves = 50;
inline constexpr std::uint32_t kMaxHolds = 50;
inline constexpr std::uint32_t kMaxFreezes = 50;
inline constexpr std::uint32_t kMaxConsumers = 16;

// ---- time ----
inline constexpr Moment kSlotDurationMs = 6000;
inline constexpr BlockNumber kBlocksPerMinute = 60'000 / kSlotDurationMs;
inline constexpr BlockNumber kBlocksPerHour = 60 * kBlocksPerMinute;
inline constexpr BlockNumber kBlocksPerDay = 24 * kBlocksPerHour;
inline constexpr std::uint64_t kEpochSlots = 10;
inline constexpr BlockNumber kBlockHashCount = 4096;
inline constexpr std::uint32_t kMaxAuthorities = 100'000;

// ---- blocks ----
inline constexpr std::uint64_t kSecondPs = 1'000'000'000'000;
/// Two seconds of six, and 5 MiB of proof.
inline constexpr Weight kMaxBlockWeight{2 * kSecondPs, 5 * 1024 * 1024};
inline constexpr Weight kBaseBlockWeight{450 * kPicosecondsPerMicro, 0};
inline constexpr Weight kBaseExtrinsicWeight{108 * kPicosecondsPerMicro, 0};
/// Normal extrinsics get three quarters of a block; operational ones the whole, and a quarter of
/// it for themselves alone.
inline constexpr std::uint64_t kNormalPercent = 75;
inline constexpr std::uint32_t kMaxBlockBytes = 5 * 1024 * 1024;

// ---- accounts owned together, accounts acting for others ----
inline constexpr Balance kMultisigDepositBase = deposit(1, 88);
inline constexpr Balance kMultisigDepositFactor = deposit(0, 32);
inline constexpr std::uint32_t kMultisigMaxSignatories = 100;
inline constexpr Balance kProxyDepositBase = deposit(1, 8);
inline constexpr Balance kProxyDepositFactor = deposit(0, 33);
inline constexpr std::uint32_t kMaxProxies = 32;
inline constexpr Balance kAnnouncementDepositBase = deposit(1, 8);
inline constexpr Balance kAnnouncementDepositFactor = deposit(0, 66);
inline constexpr std::uint32_t kMaxPendingAnnouncements = 32;

// ---- preimages and the scheduler ----
inline constexpr Balance kPreimageDepositBase = deposit(2, 64);
inline constexpr Balance kPreimageDepositPerByte = deposit(0, 1);
inline constexpr std::uint32_t kMaxPreimageBytes = 4 * 1024 * 1024;
inline constexpr std::uint32_t kMaxScheduledPerBlock = 50;
/// Four fifths of a block at most goes to what was scheduled.
inline constexpr Weight kSchedulerMaxWeight{kMaxBlockWeight.ref_time_ps / 5 * 4,
                                            kMaxBlockWeight.proof_bytes / 5 * 4};

// ---- staking: eras of six epochs ----
inline constexpr std::uint32_t kSessionsPerEra = 6;
/// Eras until money is free again; longer than a slash waits.
inline constexpr std::uint32_t kBondingDuration = 2;
inline constexpr std::uint32_t kSlashDeferDuration = 1;
/// Eras whose exposures and rewards are kept.
inline constexpr std::uint32_t kHistoryDepth = 84;
inline constexpr std::uint32_t kMaxValidators = 1000;
inline constexpr std::uint32_t kMaxElectingNominators = 2000;
inline constexpr std::uint32_t kMaxInvulnerables = 100;

// ---- offences ----
/// Sessions whose validators can still be shown to have owned a key.
inline constexpr std::uint32_t kHistoricalSessions = 168;
/// Blocks for which a report of an equivocation may wait in the pool.
inline constexpr std::uint64_t kReportLongevity = kHistoricalSessions * kEpochSlots;

/// Nominators of one validator that are paid, and that a slash reaches.
inline constexpr std::uint32_t kMaxNominators = 512;

// ---- fees ----
inline constexpr Balance kTransactionByteFee = 10 * kMillicent / 10;
inline constexpr std::uint8_t kOperationalFeeMultiplier = 5;
/// A base extrinsic's weight costs a tenth of a cent.
inline constexpr Balance kBaseExtrinsicFee = kCent / 10;

}  // namespace stipple::runtime::config
