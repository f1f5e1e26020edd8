// Loop `corners`, tests/device_source/src/loops/mod.rs:74
// Races: coloring of elements
// 0: x(Read, cell_nodes), soa
// 1: index()
// 2: counts(Inc, cell_nodes), soa
// 3: most(Max)
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF
#define OP2_FUNCTION static
#define OP2_CONSTANT __constant const
typedef long i64;
typedef ulong u64;
typedef double f64;
typedef float f32;
typedef int i32;
typedef unsigned int u32;
typedef unsigned char u8;
typedef u64 usize;
typedef u8 boolean;

OP2_FUNCTION i64 op2_add_i64(i64 a, i64 b) { return (i64)((u64)a + (u64)b); }
OP2_FUNCTION u64 op2_rem_u64(u64 a, u64 b) { return b == 0 ? 0 : a % b; }
OP2_FUNCTION f64 op2_max_f64(f64 a, f64 b) { return a != a || b > a ? b : a; }
typedef struct { f64 v[2]; } f64_2;
typedef char op2_size_of_f64_2[(sizeof(f64_2) == 16) ? 1 : -1];
typedef struct { f64_2 v[4]; } f64_2_4;
typedef char op2_size_of_f64_2_4[(sizeof(f64_2_4) == 64) ? 1 : -1];
typedef struct { i64 v[2]; } i64_2;
typedef char op2_size_of_i64_2[(sizeof(i64_2) == 16) ? 1 : -1];
typedef struct { i64_2 v[4]; } i64_2_4;
typedef char op2_size_of_i64_2_4[(sizeof(i64_2_4) == 64) ? 1 : -1];

#line 69 "tests/device_source/src/loops/kernels.rs"
OP2_FUNCTION void op2_kernel_corners(const f64_2_4 *x_0, const u64 *e_1, i64_2_4 *counts_2, f64_2 *most_3)
{
#line 71 "tests/device_source/src/loops/kernels.rs"
for (usize op2_t0 = ((usize)0u), op2_t1 = ((usize)4u); op2_t0 < op2_t1; ++op2_t0) {
usize k_4 = (usize)(op2_t0);
#line 72 "tests/device_source/src/loops/kernels.rs"
counts_2->v[k_4].v[0] = op2_add_i64(counts_2->v[k_4].v[0], ((i64)1));
#line 73 "tests/device_source/src/loops/kernels.rs"
counts_2->v[k_4].v[1] = op2_add_i64(counts_2->v[k_4].v[1], ((i64)op2_rem_u64((*e_1), ((u64)7u))));
#line 74 "tests/device_source/src/loops/kernels.rs"
most_3->v[0] = op2_max_f64(most_3->v[0], x_0->v[k_4].v[0]);
#line 75 "tests/device_source/src/loops/kernels.rs"
most_3->v[1] = op2_max_f64(most_3->v[1], (x_0->v[k_4].v[1] - x_0->v[k_4].v[0]));
}
}

#line 1 "op2"

#line 1 "op2_loop_corners"
typedef unsigned short u16;
OP2_FUNCTION i64 loop_inc_i64(i64 a, i64 b) { return (i64)((u64)a + (u64)b); }
OP2_FUNCTION f64 loop_max_f64(f64 a, f64 b) { return a != a || b > a ? b : a; }
OP2_FUNCTION f64 loop_total_max_f64(__local f64 *shared, u32 item, f64 own) {
    shared[item] = own;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (u32 width = 64; width > 0; width /= 2) {
        if (item < width) shared[item] = loop_max_f64(shared[item], shared[item + width]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    own = shared[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return own;
}

__kernel __attribute__((reqd_work_group_size(128, 1, 1))) void op2_loop_corners(
    const u32 lo,
    const u32 hi,
    __global const u32 *restrict list,
    __global u8 *restrict partials,
    const u32 partials_first,
    __global const f64 *restrict data0,
    const u32 data0_stride,
    __global const u32 *restrict table0,
    const u32 table0_stride,
    __global i64 *restrict data2,
    const u32 data2_stride
) {
    __local u64 shared[128];
    const u32 item = (u32)get_local_id(0);
    f64_2 arg3;
    #pragma unroll
    for (u32 k0 = 0; k0 < 2; ++k0) {
        arg3.v[k0] = as_double(0xfff0000000000000ul);
    }
    const u64 step = (u64)(u32)get_num_groups(0) * 128;
    for (u64 at = (u64)lo + (u64)(u32)get_group_id(0) * 128 + item; at < hi; at += step) {
        const u32 element = list[at];
        f64_2_4 arg0;
        #pragma unroll
        for (u32 k = 0; k < 4; ++k) {
            const u32 row = table0[(usize)k * table0_stride + element];
            #pragma unroll
            for (u32 c = 0; c < 2; ++c) {
                ((f64 *)&arg0)[k * 2 + c] = data0[(usize)c * data0_stride + row];
            }
        }
        const u64 arg1 = element;
        i64_2_4 arg2 = {0};
        op2_kernel_corners(&arg0, &arg1, &arg2, &arg3);
        #pragma unroll
        for (u32 k = 0; k < 4; ++k) {
            const u32 row = table0[(usize)k * table0_stride + element];
            #pragma unroll
            for (u32 c = 0; c < 2; ++c) {
                data2[(usize)c * data2_stride + row] = loop_inc_i64(data2[(usize)c * data2_stride + row], ((i64 *)&arg2)[k * 2 + c]);
            }
        }
    }

    __global u8 *const partial = partials + (usize)(partials_first + (u32)get_group_id(0)) * 16;
    // 3: most(Max)
    #pragma unroll
    for (u32 k0 = 0; k0 < 2; ++k0) {
        arg3.v[k0] = loop_total_max_f64((__local f64 *)shared, item, arg3.v[k0]);
        if (item == 0) {
            *(__global f64 *)(partial + k0 * 8) = arg3.v[k0];
        }
    }
}
