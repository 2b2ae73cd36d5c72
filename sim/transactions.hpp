// Clients: transfers of a few accounts, sent to drawn nodes, some twice, some ahead of their turn.
#pragma once

#include "sim/faults.hpp"

namespace stipple::sim {

class Transactions {
 public:
    static constexpr std::uint32_t kAccounts = 8;

    Transactions(Victims& victims, Duration every, Seed seed)
        : victims_(victims), every_(every), prng_(seed), nonces_(kAccounts, 0) {}
    void start() { plan(); }

 private:
    void plan();
    void send();

    Victims& victims_;
    const Duration every_;
    Prng prng_;
    std::vector<std::uint32_t> nonces_;
    std::uint64_t next_request_ = 1;
};

}  // namespace stipple::sim
