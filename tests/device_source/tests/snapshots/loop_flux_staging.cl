// Loop `flux`, tests/device_source/src/loops/mod.rs:142
// Races: staging in blocks
// 0: x(Read, edge_nodes[0]), soa
// 1: x(Read, edge_nodes[1]), soa
// 2: q(Read, edge_cells[0]), soa
// 3: q(Read, edge_cells[1]), soa
// 4: r(Inc, edge_cells[0]), soa
// 5: r(Inc, edge_cells[1]), soa
// 6: rms(Inc)
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

typedef struct { f64 v[2]; } f64_2;
typedef char op2_size_of_f64_2[(sizeof(f64_2) == 16) ? 1 : -1];
typedef struct { f64 v[4]; } f64_4;
typedef char op2_size_of_f64_4[(sizeof(f64_4) == 32) ? 1 : -1];

#line 49 "tests/device_source/src/loops/kernels.rs"
OP2_FUNCTION void op2_kernel_flux(const f64_2 *x1_0, const f64_2 *x2_1, const f64_4 *q1_2, const f64_4 *q2_3, f64_4 *r1_4, f64_4 *r2_5, f64 *rms_6, OP2_CONSTANT u8 *constants)
{
const f64 SCALE_c0 = *(OP2_CONSTANT f64 *)(constants + 0);
#line 59 "tests/device_source/src/loops/kernels.rs"
f64 dx_7 = (x1_0->v[0] - x2_1->v[0]);
#line 60 "tests/device_source/src/loops/kernels.rs"
f64 dy_8 = (x1_0->v[1] - x2_1->v[1]);
#line 61 "tests/device_source/src/loops/kernels.rs"
for (usize op2_t0 = ((usize)0u), op2_t1 = ((usize)4u); op2_t0 < op2_t1; ++op2_t0) {
usize k_9 = (usize)(op2_t0);
#line 62 "tests/device_source/src/loops/kernels.rs"
f64 flow_10 = (SCALE_c0 * ((q1_2->v[k_9] * dy_8) - (q2_3->v[k_9] * dx_7)));
#line 63 "tests/device_source/src/loops/kernels.rs"
r1_4->v[k_9] = (r1_4->v[k_9] + flow_10);
#line 64 "tests/device_source/src/loops/kernels.rs"
r2_5->v[k_9] = (r2_5->v[k_9] - flow_10);
}
#line 66 "tests/device_source/src/loops/kernels.rs"
(*rms_6) = ((*rms_6) + ((dx_7 * dx_7) + (dy_8 * dy_8)));
}

#line 1 "op2"

#line 1 "op2_loop_flux"
typedef unsigned short u16;
OP2_FUNCTION f64 loop_inc_f64(f64 a, f64 b) { return a + b; }
OP2_FUNCTION f64 loop_total_inc_f64(__local f64 *shared, u32 item, f64 own) {
    shared[item] = own;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (u32 width = 32; width > 0; width /= 2) {
        if (item < width) shared[item] = loop_inc_f64(shared[item], shared[item + width]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    own = shared[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return own;
}

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void op2_loop_flux(
    const u32 lo,
    const u32 positions,
    const u32 hi,
    __constant const u8 *constants,
    __global u8 *restrict partials,
    const u32 partials_first,
    __global const f64 *restrict data0,
    const u32 data0_stride,
    __global const u32 *restrict table0,
    const u32 table0_stride,
    __global const f64 *restrict data2,
    const u32 data2_stride,
    __global const u32 *restrict table2,
    const u32 table2_stride,
    __global f64 *restrict data4,
    const u32 data4_stride,
    __global const u32 *restrict blocks,
    __global const u16 *restrict colors,
    __global const u32 *restrict num_colors,
    __global const u32 *restrict offsets4,
    __global const u32 *restrict rows4,
    __global const u16 *restrict places4
) {
    __local u64 shared[512];
    const u32 item = (u32)get_local_id(0);
    f64 arg6 = {0};
    for (u32 at_block = lo + (u32)get_group_id(0); at_block < hi; at_block += (u32)get_num_groups(0)) {
        const u32 block = blocks[at_block];
        const u64 at = (u64)block * 64 + item;
        const boolean active = at < positions;

        __local f64 *const sums4 = (__local f64 *)(shared + 0);
        const u32 start4 = offsets4[block];
        const u32 count4 = offsets4[block + 1] - start4;
        for (u32 r = item; r < count4; r += 64) {
            #pragma unroll
            for (u32 c = 0; c < 4; ++c) {
                sums4[c * 128 + r] = 0;
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);

        f64_4 own4 = {0};
        f64_4 own5 = {0};
        if (active) {
            const u32 element = (u32)at;
            const u32 row0_0 = table0[element];
            const u32 row0_1 = table0[(usize)table0_stride + element];
            const u32 row2_0 = table2[element];
            const u32 row2_1 = table2[(usize)table2_stride + element];
            f64_2 arg0;
            #pragma unroll
            for (u32 c = 0; c < 2; ++c) {
                ((f64 *)&arg0)[c] = data0[(usize)c * data0_stride + row0_0];
            }
            f64_2 arg1;
            #pragma unroll
            for (u32 c = 0; c < 2; ++c) {
                ((f64 *)&arg1)[c] = data0[(usize)c * data0_stride + row0_1];
            }
            f64_4 arg2;
            #pragma unroll
            for (u32 c = 0; c < 4; ++c) {
                ((f64 *)&arg2)[c] = data2[(usize)c * data2_stride + row2_0];
            }
            f64_4 arg3;
            #pragma unroll
            for (u32 c = 0; c < 4; ++c) {
                ((f64 *)&arg3)[c] = data2[(usize)c * data2_stride + row2_1];
            }
            f64_4 arg4 = {0};
            f64_4 arg5 = {0};
            op2_kernel_flux(&arg0, &arg1, &arg2, &arg3, &arg4, &arg5, &arg6, constants);
            own4 = arg4;
            own5 = arg5;
        }

        u16 place4[1];
        u16 place5[1];
        if (active) {
            place4[0] = places4[at];
            place5[0] = places4[(usize)1 * positions + at];
        }
        const u32 color = active ? colors[at] : 0xffffffffu;
        const u32 turns = num_colors[block];
        for (u32 turn = 0; turn < turns; ++turn) {
            if (turn == color) {
                #pragma unroll
                for (u32 c = 0; c < 4; ++c) {
                    sums4[c * 128 + place4[0]] = loop_inc_f64(sums4[c * 128 + place4[0]], ((f64 *)&own4)[c]);
                }
                #pragma unroll
                for (u32 c = 0; c < 4; ++c) {
                    sums4[c * 128 + place5[0]] = loop_inc_f64(sums4[c * 128 + place5[0]], ((f64 *)&own5)[c]);
                }
            }
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        for (u32 r = item; r < count4; r += 64) {
            const u32 row = rows4[start4 + r];
            #pragma unroll
            for (u32 c = 0; c < 4; ++c) {
                data4[(usize)c * data4_stride + row] = loop_inc_f64(data4[(usize)c * data4_stride + row], sums4[c * 128 + r]);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    __global u8 *const partial = partials + (usize)(partials_first + (u32)get_group_id(0)) * 16;
    // 6: rms(Inc)
    arg6 = loop_total_inc_f64((__local f64 *)shared, item, arg6);
    if (item == 0) {
        *(__global f64 *)(partial + 0) = arg6;
    }
}
