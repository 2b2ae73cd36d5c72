#include "io/signals.hpp"

#include "io/workers.hpp"

#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

namespace stipple::io {

void watch_stop_signals(std::function<void()> on_stop) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::thread([set, on_stop = std::move(on_stop)] {
        name_this_thread("signals");
        int signal = 0;
        sigwait(&set, &signal);
        on_stop();
        sigwait(&set, &signal);
        std::_Exit(130);
    }).detach();
}

}  // namespace stipple::io
